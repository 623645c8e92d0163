//! What a product reads and writes.

/// Rows of a register tile; with [`TILE_COLUMNS`], what fits the vector registers.
pub const TILE_ROWS: usize = if cfg!(target_arch = "wasm32") { 4 } else { 6 };
/// Columns of a register tile.
pub const TILE_COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

/// What follows the affine map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(0, y)`.
    Relu,
    /// `y · Φ(y)` with the exact error function, as BERT uses.
    Gelu,
}

/// Up to [`TILE_ROWS`] rows inside a slice.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, T> {
    /// From the first value of the first row on.
    pub values: &'a [T],
    /// From one row to the next.
    pub stride: usize,
    /// How many rows there are.
    pub count: usize,
}

/// Where a product goes: up to [`TILE_COLUMNS`] columns of as many rows as the left operand has.
#[derive(Debug)]
pub struct Columns<'a> {
    /// From the first column of the first row on.
    pub values: &'a mut [f32],
    /// From one row to the next.
    pub stride: usize,
    /// How many columns there are, at most [`TILE_COLUMNS`].
    pub count: usize,
}

/// What the integers of a product stand for.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a> {
    /// What 1 stands for in each row of the left operand.
    pub rows: &'a [f32],
    /// What 1 stands for in each column of the right one.
    pub columns: &'a [f32; TILE_COLUMNS],
}

impl<T> Rows<'_, T> {
    /// Where each row of a tile starts; the last row stands in for those that are missing.
    ///
    /// # Panics
    /// If a row has fewer than `depth` values: the kernels rely on it.
    #[inline(always)]
    pub(super) fn starts(&self, depth: usize) -> [usize; TILE_ROWS] {
        let last = self.count - 1;
        assert!(last < TILE_ROWS && last * self.stride + depth <= self.values.len(), "rows end too early");
        std::array::from_fn(|row| row.min(last) * self.stride)
    }
}

impl Columns<'_> {
    /// # Panics
    /// If fewer than `rows` whole rows of a tile are there: the kernels rely on it.
    #[inline(always)]
    pub(super) fn assert_whole(&self, rows: usize) {
        assert!((rows - 1) * self.stride + TILE_COLUMNS <= self.values.len(), "columns end too early");
    }

    /// Whole rows of a tile.
    ///
    /// # Panics
    /// If fewer than `rows` of them are there.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline(always)]
    pub(super) fn rows_mut(&mut self, rows: usize) -> impl Iterator<Item = &mut [f32; TILE_COLUMNS]> {
        self.assert_whole(rows);
        let rows = self.values.chunks_mut(self.stride).take(rows);
        // The assertion has seen that all of them are whole: nothing is left out.
        rows.filter_map(|row| row.first_chunk_mut())
    }
}
