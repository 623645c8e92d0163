//! What is multiplied.

/// One side of a product: vectors ("lanes") of one depth, over which the product sums.
#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// Stored `[lane][depth]`; the depth is given.
    Rows(&'a [f32], usize),
    /// Stored `[depth][lane]`; the number of lanes is given.
    Columns(&'a [f32], usize),
}

impl<'a> Side<'a> {
    /// Values, lanes, depth, and the strides of both.
    pub(super) fn layout(self) -> (&'a [f32], [usize; 2], [isize; 2]) {
        let (values, width) = match self {
            Self::Rows(values, width) | Self::Columns(values, width) => (values, width),
        };
        assert!(values.len().is_multiple_of(width), "ragged matrix");
        let length = values.len() / width;
        match self {
            Self::Rows(..) => (values, [length, width], [width as isize, 1]),
            Self::Columns(..) => (values, [width, length], [1, width as isize]),
        }
    }
}
