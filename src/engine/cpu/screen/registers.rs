//! Registers of sixteen 16-bit integers in AVX2, for both x86 kernels.

use std::arch::x86_64::{
    __m256i, _mm_extract_epi16, _mm_max_epi16, _mm_minpos_epu16, _mm_set1_epi16, _mm_xor_si128, _mm256_castsi256_si128,
    _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_storeu_si256,
};

use super::layout::LANES;

/// The greatest lane.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn highest(lanes: __m256i) -> i16 {
    let eight = _mm_max_epi16(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256::<1>(lanes));
    // There is an instruction for the least of eight unsigned numbers, so the order is turned round.
    let least = _mm_minpos_epu16(_mm_xor_si128(eight, _mm_set1_epi16(i16::MAX)));
    (_mm_extract_epi16::<0>(least) as i16) ^ i16::MAX
}

#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn load(values: &[i16; LANES]) -> __m256i {
    // SAFETY: 32 bytes; the instruction asks for no alignment.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn store(values: &mut [i16; LANES], register: __m256i) {
    // SAFETY: 32 bytes, borrowed exclusively; the instruction asks for no alignment.
    unsafe { _mm256_storeu_si256(values.as_mut_ptr().cast(), register) }
}
