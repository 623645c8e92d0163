//! The product of one tile, by the kernel of this processor.

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
