//! The product of one tile, by the kernel of the processor that runs.

#[cfg(target_arch = "x86_64")]
use super::avx2 as native;
use super::operands::{Activation, Columns, Rows, TILE_COLUMNS, TILE_ROWS, Units};
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use super::portable as native;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::wasm as native;
use crate::compute::cpu::simd_math::gelu;

/// `y[i][j] = f(bias[j] + Σ_k a[i][k] · b[k][j])`, `b`: `[depth][TILE_COLUMNS]`.
///
/// # Panics
/// If `a` has no row, or rows shorter than `b` is deep, or if `y` has fewer rows.
#[inline]
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], bias: &[f32; TILE_COLUMNS], activation: Activation, y: Columns<'_>) {
    run_kernel(a.count, activation, y, |relu, y| native::multiply_tile(a, b, bias, relu, y));
}

/// The same product of integers, which are multiplied in pairs, `b`: `[depth / 2][TILE_COLUMNS][2]`. The caller makes sure
/// that no sum leaves 32 bits.
///
/// # Panics
/// As [`multiply_tile`], and if there are fewer row units than rows.
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
    run_kernel(a.count, activation, y, |relu, y| native::multiply_tile_i16(a, b, units, bias, relu, y));
}

/// Runs a kernel, which can only write whole rows and apply ReLU. Where that is enough, it writes to `y`; otherwise it writes
/// to a tile of its own, which is then activated and copied.
#[inline(always)]
fn run_kernel(rows: usize, activation: Activation, y: Columns<'_>, kernel: impl FnOnce(bool, Columns<'_>)) {
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
            // Of a known length, so it is copied without a call.
            Some(whole) if y.count == TILE_COLUMNS => *whole = *sums,
            _ => to[..y.count].copy_from_slice(&sums[..y.count]),
        }
    }
}
