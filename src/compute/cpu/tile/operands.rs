//! Operands of a tile's product.

/// Rows of a register tile: its sums, [`TILE_COLUMNS`] in each row, fill most of the vector registers.
pub const TILE_ROWS: usize = if cfg!(target_arch = "wasm32") { 4 } else { 6 };
/// Columns of a register tile.
pub const TILE_COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

/// Activation after the affine map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// None.
    Identity,
    /// `max(0, y)`.
    Relu,
    /// `y · Φ(y)` with the exact error function, as BERT uses.
    Gelu,
}

/// Up to [`TILE_ROWS`] rows of the left operand.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, T> {
    /// Begins with the first value of the first row.
    pub values: &'a [T],
    /// Distance from one row to the next, in values.
    pub stride: usize,
    /// Number of rows.
    pub count: usize,
}

/// Where a product is written: up to [`TILE_COLUMNS`] columns of as many rows as the left operand has.
#[derive(Debug)]
pub struct Columns<'a> {
    /// Begins with the first column of the first row.
    pub values: &'a mut [f32],
    /// Distance from one row to the next, in values.
    pub stride: usize,
    /// Number of columns, at most [`TILE_COLUMNS`].
    pub count: usize,
}

/// What one integer step stands for in the operands of a product.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a> {
    /// In each row of the left operand.
    pub rows: &'a [f32],
    /// In each column of the right operand.
    pub columns: &'a [f32; TILE_COLUMNS],
}

impl<T> Rows<'_, T> {
    /// Where each row of a tile starts. Rows beyond `count` repeat the last one.
    ///
    /// # Panics
    /// If a row has fewer than `depth` values. The kernels rely on this check.
    #[inline(always)]
    pub(super) fn starts(&self, depth: usize) -> [usize; TILE_ROWS] {
        let last = self.count - 1;
        assert!(last < TILE_ROWS && last * self.stride + depth <= self.values.len(), "rows end too early");
        std::array::from_fn(|row| row.min(last) * self.stride)
    }
}

impl Columns<'_> {
    /// Checks that there are `rows` whole rows of a tile. The kernels rely on this check.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    pub(super) fn assert_whole(&self, rows: usize) {
        assert!((rows - 1) * self.stride + TILE_COLUMNS <= self.values.len(), "columns end too early");
    }

    /// `rows` whole rows of a tile.
    ///
    /// # Panics
    /// If there are fewer.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline(always)]
    pub(super) fn rows_mut(&mut self, rows: usize) -> impl Iterator<Item = &mut [f32; TILE_COLUMNS]> {
        self.assert_whole(rows);
        let rows = self.values.chunks_mut(self.stride).take(rows);
        // All of them are whole, as was just asserted, so the filter drops none.
        rows.filter_map(|row| row.first_chunk_mut())
    }
}
