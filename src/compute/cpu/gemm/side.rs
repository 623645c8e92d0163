//! What is multiplied.

/// One side of a product: vectors ("lanes") of one depth, over which the product sums.
#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// Stored `[lane][depth]`; the depth is given.
    Rows(&'a [f32], usize),
    /// Stored `[depth][lane]`; the number of lanes is given.
    Columns(&'a [f32], usize),
}

impl Side<'_> {
    /// How many vectors there are.
    pub(super) fn lanes(self) -> usize {
        match self {
            Self::Rows(values, depth) => whole(values, depth),
            Self::Columns(_, lanes) => lanes,
        }
    }

    /// Length of a vector.
    pub(super) fn depth(self) -> usize {
        match self {
            Self::Rows(_, depth) => depth,
            Self::Columns(values, lanes) => whole(values, lanes),
        }
    }
}

fn whole(values: &[f32], width: usize) -> usize {
    assert!(values.len().is_multiple_of(width), "ragged matrix");
    values.len() / width
}
