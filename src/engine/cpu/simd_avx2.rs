//! The two products in AVX2 and FMA, written out: whether the compiler would vectorise them hangs on its
//! version and level, and where it does not they are twenty times slower.
//!
//! Every sum is added up in the same order as in the portable bodies, so the results are the same bits.

use std::arch::x86_64::{__m256, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps};

use super::{TILE_COLUMNS, TILE_ROWS, Tile};

/// Floats in a register.
const LANES: usize = 8;

/// As [`super::multiply_tile`]: twelve registers of sums, two of `b`, one of `a`.
#[target_feature(enable = "avx2,fma")]
pub fn multiply_tile(a: &[f32], b: &[f32], tile: &mut Tile) {
    let mut sums = [[_mm256_setzero_ps(); 2]; TILE_ROWS];
    for (sums, row) in sums.iter_mut().zip(tile.iter()) {
        *sums = [load(row, 0), load(row, LANES)];
    }
    for (a, b) in a.as_chunks::<TILE_ROWS>().0.iter().zip(b.as_chunks::<TILE_COLUMNS>().0) {
        let (left, right) = (load(b, 0), load(b, LANES));
        for i in 0..TILE_ROWS {
            let a = _mm256_set1_ps(a[i]);
            sums[i] = [_mm256_fmadd_ps(a, left, sums[i][0]), _mm256_fmadd_ps(a, right, sums[i][1])];
        }
    }
    for (sums, row) in sums.iter().zip(tile) {
        store(row, 0, sums[0]);
        store(row, LANES, sums[1]);
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load<const N: usize>(values: &[f32; N], start: usize) -> __m256 {
    let eight: &[f32] = &values[start..start + LANES];
    // SAFETY: the slice holds eight floats; the instruction asks for no alignment.
    unsafe { _mm256_loadu_ps(eight.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store<const N: usize>(values: &mut [f32; N], start: usize, register: __m256) {
    let eight: &mut [f32] = &mut values[start..start + LANES];
    // SAFETY: as for `load`, and the borrow is exclusive.
    unsafe { _mm256_storeu_ps(eight.as_mut_ptr(), register) };
}
