//! Operations over one row in AVX2: norms, products, rounding. The AVX-512 kernels use them too, because a tokenizer's rows are
//! too short for wider registers to help.

use std::arch::x86_64::{
    __m128, __m256, __m256i, _mm_add_ps, _mm_add_ss, _mm_cvtss_f32, _mm_max_ps, _mm_max_ss, _mm_movehdup_ps, _mm_movehl_ps,
    _mm_storeu_ps, _mm256_add_epi16, _mm256_add_ps, _mm256_and_ps, _mm256_castps256_ps128, _mm256_castsi256_ps,
    _mm256_cvtepi32_ps, _mm256_cvtps_epi32, _mm256_extractf128_ps, _mm256_fmadd_ps, _mm256_hadd_ps, _mm256_loadu_ps,
    _mm256_max_ps, _mm256_mul_ps, _mm256_packs_epi32, _mm256_packus_epi16, _mm256_permutevar8x32_epi32, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_set1_ps, _mm256_setr_epi32, _mm256_setzero_ps, _mm256_setzero_si256, _mm256_storeu_ps,
    _mm256_storeu_si256, _mm256_sub_ps, _mm256_unpackhi_epi16, _mm256_unpacklo_epi16,
};

use super::layout::{CHUNK, RowPair};

/// Floats in a register.
const LANES: usize = 8;

/// See [`super::Kernels::magnitude`].
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
    let positive = _mm256_castsi256_ps(_mm256_set1_epi32(i32::MAX));
    let (mut squares, mut largest) = (_mm256_setzero_ps(), _mm256_setzero_ps());
    for chunk in row {
        for values in chunk.as_chunks::<LANES>().0 {
            let values = load(values);
            squares = _mm256_fmadd_ps(values, values, squares);
            largest = _mm256_max_ps(largest, _mm256_and_ps(values, positive));
        }
    }
    let four = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps::<1>(largest));
    let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    (sum(squares), _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two))))
}

/// See [`super::Kernels::round_chunk`], with two dimensions a word.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn round_chunk(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32], shift: i16) -> f32 {
    let (inverse, shift) = (_mm256_set1_ps(inverse), _mm256_set1_epi16(shift));
    // Packing and unpacking work on each half of a register. This permutation between them puts the pairs in order.
    let order = _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7);
    let mut squared_error = _mm256_setzero_ps();
    let mut rounded = [_mm256_setzero_si256(); 4];
    for (rounded, values) in rounded.iter_mut().zip(chunk.as_chunks::<LANES>().0) {
        let scaled = _mm256_mul_ps(load(values), inverse);
        *rounded = _mm256_cvtps_epi32(scaled);
        let error = _mm256_sub_ps(scaled, _mm256_cvtepi32_ps(*rounded));
        squared_error = _mm256_fmadd_ps(error, error, squared_error);
    }
    let [a, b, c, d] = rounded;
    let words = [_mm256_add_epi16(_mm256_packs_epi32(a, b), shift), _mm256_add_epi16(_mm256_packs_epi32(c, d), shift)];
    let pairs = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words[0], words[1]), order);
    // Each pair twice.
    let into = into.as_chunks_mut::<LANES>().0;
    store_integers(&mut into[0], _mm256_unpacklo_epi16(pairs, pairs));
    store_integers(&mut into[1], _mm256_unpackhi_epi16(pairs, pairs));
    sum(squared_error)
}

/// See [`super::Kernels::dot`].
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
    sum(products((a, b)))
}

/// Products of two rows, summed up in eight lanes.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn products((a, b): RowPair<'_>) -> __m256 {
    let mut sums = [_mm256_setzero_ps(); 2];
    for (a, b) in a.iter().zip(b) {
        for (i, (a, b)) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0).enumerate() {
            sums[i % 2] = _mm256_fmadd_ps(load(a), load(b), sums[i % 2]);
        }
    }
    _mm256_add_ps(sums[0], sums[1])
}

/// See [`super::Kernels::dots`].
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn dots(pairs: [RowPair<'_>; 4]) -> [f32; 4] {
    let [a, b, c, d] = pairs;
    let twos = [_mm256_hadd_ps(products(a), products(b)), _mm256_hadd_ps(products(c), products(d))];
    let halves = _mm256_hadd_ps(twos[0], twos[1]);
    let sums = _mm_add_ps(_mm256_castps256_ps128(halves), _mm256_extractf128_ps::<1>(halves));
    let mut dots = [0.0; 4];
    // SAFETY: four floats; the instruction asks for no alignment.
    unsafe { _mm_storeu_ps(dots.as_mut_ptr(), sums) };
    dots
}

/// See [`super::Kernels::subtract`].
#[inline]
#[target_feature(enable = "avx2,fma")]
pub fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32 {
    let mut squares = _mm256_setzero_ps();
    for (row, code) in row.iter_mut().zip(code) {
        for (row, code) in row.as_chunks_mut::<LANES>().0.iter_mut().zip(code.as_chunks::<LANES>().0) {
            let residual = _mm256_sub_ps(load(row), load(code));
            store(row, residual);
            squares = _mm256_fmadd_ps(residual, residual, squares);
        }
    }
    sum(squares)
}

/// Sum of the lanes.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn sum(lanes: __m256) -> f32 {
    let four: __m128 = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps::<1>(lanes));
    let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(values: &[f32; LANES]) -> __m256 {
    // SAFETY: 32 bytes; the instruction asks for no alignment.
    unsafe { _mm256_loadu_ps(values.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(values: &mut [f32; LANES], register: __m256) {
    // SAFETY: 32 bytes, borrowed exclusively; the instruction asks for no alignment.
    unsafe { _mm256_storeu_ps(values.as_mut_ptr(), register) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store_integers(values: &mut [i32; LANES], register: __m256i) {
    // SAFETY: 32 bytes, borrowed exclusively; the instruction asks for no alignment.
    unsafe { _mm256_storeu_si256(values.as_mut_ptr().cast(), register) }
}
