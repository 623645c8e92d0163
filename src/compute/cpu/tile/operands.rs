//! Operands of a tile's product.

/// Columns of a panel of the right operand.
pub const TILE_COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };
/// Most rows of a register tile of this target: a cache block should hold a multiple of them.
pub const TILE_ROWS: usize = if cfg!(target_arch = "wasm32") {
    4
} else if cfg!(target_arch = "x86_64") {
    12
} else {
    6
};
/// Most panels of a register tile of this target.
pub(super) const TILE_PANELS: usize = if cfg!(target_arch = "x86_64") { 2 } else { 1 };

/// A row of a panel.
pub(super) type PanelRow = [f32; TILE_COLUMNS];
/// Two rows of a panel of integers, which are multiplied in pairs.
pub(super) type PairRow = [i16; 2 * TILE_COLUMNS];

/// Size of the register tile of an instruction set: its sums fill most of the vector registers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub rows: usize,
    pub panels: usize,
}

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

/// What a kernel does with finished sums, while they are in registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    /// Writes them.
    Write,
    /// Writes them, and 0 for what is negative or NaN.
    WriteRelu,
    /// Adds them to what is there.
    #[cfg(feature = "learn")]
    Add,
}

/// Rows of the left operand.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a, T> {
    /// Begins with the first value of the first row.
    pub values: &'a [T],
    /// Distance from one row to the next, in values.
    pub stride: usize,
    /// Number of rows.
    pub count: usize,
}

/// Where a product is written: columns of as many rows as the left operand has.
#[derive(Debug)]
pub struct Columns<'a> {
    /// Begins with the first column of the first row.
    pub values: &'a mut [f32],
    /// Distance from one row to the next, in values.
    pub stride: usize,
    /// Number of columns.
    pub count: usize,
}

/// What one integer step stands for in the operands of a product.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a> {
    /// In each row of the left operand.
    pub rows: &'a [f32],
    /// In each column of the right operand, whole panels of them.
    pub columns: &'a [f32],
}

impl<T> Rows<'_, T> {
    /// Where each row of a tile of `ROWS` starts. Rows beyond `count` repeat the last one.
    ///
    /// # Panics
    /// If a row has fewer than `depth` values. The kernels rely on this check.
    #[inline(always)]
    pub(super) fn starts<const ROWS: usize>(&self, depth: usize) -> [usize; ROWS] {
        let last = self.count - 1;
        assert!(last < ROWS && last * self.stride + depth <= self.values.len(), "rows end too early");
        std::array::from_fn(|row| row.min(last) * self.stride)
    }
}

impl Columns<'_> {
    /// Checks that there are `rows` whole rows of a tile of `panels`. The kernels rely on this check.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    pub(super) fn assert_whole(&self, rows: usize, panels: usize) {
        assert!((rows - 1) * self.stride + panels * TILE_COLUMNS <= self.values.len(), "columns end too early");
    }

    /// `rows` whole rows of a tile of one panel.
    ///
    /// # Panics
    /// If there are fewer.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline(always)]
    pub(super) fn rows_mut(&mut self, rows: usize) -> impl Iterator<Item = &mut PanelRow> {
        self.assert_whole(rows, 1);
        let rows = self.values.chunks_mut(self.stride).take(rows);
        // All of them are whole, as was just asserted, so the filter drops none.
        rows.filter_map(|row| row.first_chunk_mut())
    }
}
