//! Scores of codes after chains ([`super::beam`]) in AVX2, for both x86 kernels.

use std::arch::x86_64::{
    _mm256_adds_epi16, _mm256_blendv_epi8, _mm256_cmpgt_epi16, _mm256_loadu_si256, _mm256_max_epi16, _mm256_set1_epi16,
    _mm256_setzero_si256, _mm256_sub_epi16, _mm256_xor_si256,
};

pub use super::layout::LANES;
use super::registers::{highest, load, store};

/// See [`super::Kernels::add_rows`].
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; LANES] {
    assert!(rows.iter().all(|row| row.len() == into.len()), "rows of different lengths");
    let base = _mm256_set1_epi16(base);
    let mut most = _mm256_set1_epi16(i16::MIN);
    for (i, into) in into.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
        let mut sums = base;
        for row in rows {
            // SAFETY: the row is as long as `into`, as was asserted; the instruction asks for no alignment.
            sums = _mm256_adds_epi16(sums, unsafe { _mm256_loadu_si256(row.as_ptr().add(i * LANES).cast()) });
        }
        store(into, sums);
        most = _mm256_max_epi16(most, sums);
    }
    let mut lanes = [0; LANES];
    store(&mut lanes, most);
    lanes
}

/// See [`super::Kernels::nth_greatest`].
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn nth_greatest(values: &[i16; LANES], n: usize) -> i16 {
    // For each value, the number of values that are greater.
    let (all, mut greater) = (load(values), _mm256_setzero_si256());
    for value in values {
        greater = _mm256_sub_epi16(greater, _mm256_cmpgt_epi16(_mm256_set1_epi16(*value), all));
    }
    let among_greatest = _mm256_cmpgt_epi16(_mm256_set1_epi16(n as i16), greater);
    let kept = _mm256_blendv_epi8(_mm256_set1_epi16(i16::MAX), all, among_greatest);
    // The least of those that are kept: complements are in the opposite order.
    !highest(_mm256_xor_si256(kept, _mm256_set1_epi16(-1)))
}
