//! The register tiles of the matrix products, in floats and in 16-bit integers: written out for AVX2 and for
//! WebAssembly, whose modules are compiled for size, and left to the compiler elsewhere.
//!
//! The left operand is read where it lies, row by row; the right one is packed, [`TILE_COLUMNS`] wide; bias and
//! activation come while the sums are in registers. A float sum is added up in the order of its products on every
//! instruction set; an integer sum is exact.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
#[path = "avx2.rs"]
mod native;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
#[cfg(test)]
mod tests;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use portable as native;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[path = "wasm.rs"]
mod native;

use super::simd_math::gelu;

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
    fn starts(&self, depth: usize) -> [usize; TILE_ROWS] {
        let last = self.count - 1;
        assert!(last < TILE_ROWS && last * self.stride + depth <= self.values.len(), "rows end too early");
        std::array::from_fn(|row| row.min(last) * self.stride)
    }
}

impl Columns<'_> {
    /// # Panics
    /// If fewer than `rows` whole rows of a tile are there: the kernels rely on it.
    #[inline(always)]
    fn assert_whole(&self, rows: usize) {
        assert!((rows - 1) * self.stride + TILE_COLUMNS <= self.values.len(), "columns end too early");
    }

    /// Whole rows of a tile.
    ///
    /// # Panics
    /// If fewer than `rows` of them are there.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline(always)]
    fn rows_mut(&mut self, rows: usize) -> impl Iterator<Item = &mut [f32; TILE_COLUMNS]> {
        self.assert_whole(rows);
        let rows = self.values.chunks_mut(self.stride).take(rows);
        // The assertion has seen that all of them are whole: nothing is left out.
        rows.filter_map(|row| row.first_chunk_mut())
    }
}

/// `y[i][j] = f(bias[j] + Σ_k a[i][k] · b[k][j])`, `b`: `[depth][TILE_COLUMNS]`.
///
/// # Panics
/// If `a` has no row, or rows shorter than `b` is deep; if `y` has not as many.
#[inline]
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], bias: &[f32; TILE_COLUMNS], activation: Activation, y: Columns<'_>) {
    finish(a.count, activation, y, |relu, y| native::multiply_tile(a, b, bias, relu, y));
}

/// The same product of integers that go in pairs, `b`: `[depth / 2][TILE_COLUMNS][2]`. The caller sees to it that no
/// sum leaves 32 bits.
///
/// # Panics
/// As [`multiply_tile`]; and if there are fewer row units than rows.
#[inline]
pub fn multiply_tile_i16(
    a: Rows<'_, i16>,
    b: &[i16],
    units: Units<'_>,
    bias: &[f32; TILE_COLUMNS],
    activation: Activation,
    y: Columns<'_>,
) {
    assert!(units.rows.len() >= a.count, "a row without a unit");
    finish(a.count, activation, y, |relu, y| native::multiply_tile_i16(a, b, units, bias, relu, y));
}

/// Has a kernel write where the product goes, or, where a tile is not whole or needs more than the kernels do, into a
/// tile of its own first.
#[inline(always)]
fn finish(rows: usize, activation: Activation, y: Columns<'_>, kernel: impl FnOnce(bool, Columns<'_>)) {
    let relu = activation == Activation::Relu;
    if y.count == TILE_COLUMNS && activation != Activation::Gelu {
        return kernel(relu, y);
    }
    let mut tile = [[0.0; TILE_COLUMNS]; TILE_ROWS];
    kernel(relu, Columns { values: tile.as_flattened_mut(), stride: TILE_COLUMNS, count: TILE_COLUMNS });
    if activation == Activation::Gelu {
        gelu(tile.as_flattened_mut());
    }
    for (to, sums) in y.values.chunks_mut(y.stride).zip(&tile[..rows]) {
        match to.first_chunk_mut() {
            // A whole row without a call.
            Some(whole) if y.count == TILE_COLUMNS => *whole = *sums,
            _ => to[..y.count].copy_from_slice(&sums[..y.count]),
        }
    }
}
