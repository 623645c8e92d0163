//! The register tiles of the matrix products, in floats and in 16-bit integers: written out for AVX2 and for
//! WebAssembly, whose modules are compiled for size, and left to the compiler elsewhere.
//!
//! The left operand is read where it lies, row by row; the right one is packed, [`TILE_COLUMNS`] wide. A float sum
//! is added up in the order of its products on every instruction set; an integer sum is exact.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
#[path = "simd_tile_avx2.rs"]
mod native;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use portable as native;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[path = "simd_tile_wasm.rs"]
mod native;

/// Rows of a register tile; with [`TILE_COLUMNS`], what fits the vector registers.
pub const TILE_ROWS: usize = if cfg!(target_arch = "wasm32") { 4 } else { 6 };
/// Columns of a register tile.
pub const TILE_COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

/// A register tile of sums.
pub type Tile<T = f32> = [[T; TILE_COLUMNS]; TILE_ROWS];

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

/// `tile[i][j] += Σ_k a[i][k] · b[k][j]`, `b`: `[depth][TILE_COLUMNS]`. Rows that `a` lacks get anything.
///
/// # Panics
/// If `a` has no row, or rows shorter than `b` is deep.
#[inline]
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], tile: &mut Tile) {
    native::multiply_tile(a, b, tile);
}

/// The same product of integers that go in pairs, `b`: `[depth / 2][TILE_COLUMNS][2]`. The caller sees to it that no
/// sum leaves 32 bits.
///
/// # Panics
/// As [`multiply_tile`].
#[inline]
pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[i16], tile: &mut Tile<i32>) {
    native::multiply_tile_i16(a, b, tile);
}

/// `max(0, y)` of every value, and 0 for what is not a number.
pub fn relu(tile: &mut Tile) {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    native::relu(tile);
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    tile.as_flattened_mut().iter_mut().for_each(|v| *v = v.max(0.0));
}

/// For processors without a hand-written kernel; NEON has registers enough for what the compiler makes of it.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable {
    use super::super::simd::multiply_add;
    use super::{Rows, TILE_COLUMNS, TILE_ROWS, Tile};

    pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], tile: &mut Tile) {
        let starts = a.starts(b.len() / TILE_COLUMNS);
        // A local copy, so that the sums live in registers and not behind the reference.
        let mut sums = *tile;
        for (k, b) in b.as_chunks::<TILE_COLUMNS>().0.iter().enumerate() {
            for i in 0..TILE_ROWS {
                // SAFETY: `starts` has seen that every row is as long as `b` is deep.
                let a = unsafe { *a.values.get_unchecked(starts[i] + k) };
                for j in 0..TILE_COLUMNS {
                    sums[i][j] = multiply_add::<{ cfg!(target_arch = "aarch64") }>(a, b[j], sums[i][j]);
                }
            }
        }
        *tile = sums;
    }

    pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[i16], tile: &mut Tile<i32>) {
        let starts = a.starts(b.len() / TILE_COLUMNS);
        let mut sums = *tile;
        for (k, b) in b.as_chunks::<{ 2 * TILE_COLUMNS }>().0.iter().enumerate() {
            for i in 0..TILE_ROWS {
                // SAFETY: as above.
                let pair =
                    unsafe { [*a.values.get_unchecked(starts[i] + 2 * k), *a.values.get_unchecked(starts[i] + 2 * k + 1)] };
                for j in 0..TILE_COLUMNS {
                    sums[i][j] += i32::from(pair[0]) * i32::from(b[2 * j]) + i32::from(pair[1]) * i32::from(b[2 * j + 1]);
                }
            }
        }
        *tile = sums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kernel that this processor has, against plain sums, over rows that are apart, missing and odd.
    #[test]
    fn integer_tiles_are_exact_at_every_count_of_rows() {
        for (count, depth, stride) in [(1, 2, 2), (3, 8, 9), (TILE_ROWS, 64, 70)] {
            let value = |i: usize| ((i * 7919 + 13) % 8191) as i16 - 4095;
            let values: Vec<i16> = (0..count * stride).map(value).collect();
            let b: Vec<i16> = (0..depth * TILE_COLUMNS).map(|i| value(i + 5)).collect();
            let kernels = [
                multiply_tile_i16,
                #[cfg(not(target_arch = "wasm32"))]
                portable::multiply_tile_i16,
            ];
            for kernel in kernels {
                let mut tile = [[7; TILE_COLUMNS]; TILE_ROWS];
                kernel(Rows { values: &values, stride, count }, &b, &mut tile);
                for (i, j) in (0..count).flat_map(|i| (0..TILE_COLUMNS).map(move |j| (i, j))) {
                    let right = |k: usize| b[(k / 2) * 2 * TILE_COLUMNS + 2 * j + k % 2];
                    let exact: i32 = (0..depth).map(|k| i32::from(values[i * stride + k]) * i32::from(right(k))).sum();
                    assert_eq!(tile[i][j], 7 + exact, "row {i} of {count}, column {j}, {depth} deep");
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "rows end too early")]
    fn short_rows_are_refused() {
        let mut tile = [[0.0; TILE_COLUMNS]; TILE_ROWS];
        multiply_tile(Rows { values: &[1.0; 7], stride: 4, count: 2 }, &[0.0; 4 * TILE_COLUMNS], &mut tile);
    }
}
