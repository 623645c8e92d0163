//! The scores of codes in AVX2 and FMA, written out: whether the compiler would vectorise them hangs on its
//! version and level, and where it does not they are twenty times slower.
//!
//! Every sum is added up in the same order as in the portable bodies, so the results are the same bits.

use std::arch::x86_64::{__m256, _mm256_fnmadd_ps, _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps};

use super::CODE_BLOCK;

/// Floats in a register.
const LANES: usize = 8;

/// As [`super::score_block`].
#[target_feature(enable = "avx2,fma")]
pub fn score_block(residual: &[f32], block: &[f32], scores: &mut [f32; CODE_BLOCK]) {
    let mut sums = [_mm256_setzero_ps(); CODE_BLOCK / LANES];
    for (j, sum) in sums.iter_mut().enumerate() {
        *sum = load(scores, j * LANES);
    }
    for (&r, codes) in residual.iter().zip(block.as_chunks::<CODE_BLOCK>().0) {
        let r = _mm256_set1_ps(r);
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = _mm256_fnmadd_ps(r, load(codes, j * LANES), *sum);
        }
    }
    for (j, sum) in sums.into_iter().enumerate() {
        store(scores, j * LANES, sum);
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
