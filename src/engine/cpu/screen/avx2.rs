//! AVX2: 32 byte products an instruction, 16 sums a register.

use std::arch::x86_64::{
    __m256i, _mm_extract_epi16, _mm_max_epi16, _mm_minpos_epu16, _mm_set1_epi16, _mm_xor_si128, _mm256_add_epi16,
    _mm256_blendv_epi8, _mm256_castsi256_si128, _mm256_cmpeq_epi16, _mm256_cmpgt_epi16, _mm256_extracti128_si256,
    _mm256_loadu_si256, _mm256_maddubs_epi16, _mm256_max_epi16, _mm256_min_epi16, _mm256_movemask_epi8, _mm256_mulhrs_epi16,
    _mm256_packs_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_storeu_si256, _mm256_subs_epi16,
};

use super::portable::{self, Portable};
use super::search::{self, Found, Scratch};
use super::{BeamSearch, Beams, CHUNK, Choice, Kernels, Level, Pair, chains, rows};

/// AVX2 and FMA.
pub struct Avx2;

/// Sums in a register.
const LANES: usize = 16;

/// See [`super::nearest`].
#[target_feature(enable = "avx2,fma,bmi1")]
pub fn nearest(level: &Level, residuals: &mut [[f32; CHUNK]], margins: bool, scratch: &mut Scratch, found: &mut Vec<Found>) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search::nearest::<Avx2>(level, residuals, margins, scratch, found) }
}

/// See [`super::best_chains`].
#[target_feature(enable = "avx2,fma,bmi1")]
pub fn best_chains(search: &BeamSearch<'_>, rows: &[[f32; CHUNK]], scores: &[f32], beams: &mut Beams, choices: &mut Vec<Choice>) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search.run::<Avx2>(rows, scores, beams, choices) }
}

impl Kernels for Avx2 {
    const PAIR: usize = 2;
    const BLOCK: usize = 2 * LANES;
    const ROWS: usize = 6;
    const SHIFT: i16 = 64;

    #[inline(always)]
    unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
        // SAFETY: the trait's promise.
        unsafe { rows::magnitude(row) }
    }

    #[inline(always)]
    unsafe fn spread(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32 {
        // SAFETY: the trait's promise.
        unsafe { rows::spread(chunk, inverse, into, Self::SHIFT) }
    }

    #[inline(always)]
    unsafe fn products(codes: &[i8], starts: &[i16], rows: &[i32], scores: &mut [i16]) {
        // SAFETY: the trait's promise.
        unsafe { products(codes, starts, rows, scores) }
    }

    #[inline(always)]
    unsafe fn finish(scores: &mut [i16], norms: &[i16], factor: i16, second: bool) -> i16 {
        // SAFETY: the trait's promise.
        unsafe { finish(scores, norms, factor, second) }
    }

    #[inline(always)]
    unsafe fn at_least(scores: &[i16], limit: i16, words: &mut [u64]) {
        let (blocks, rest) = scores.as_chunks::<{ 4 * LANES }>();
        let (full, last) = words.split_at_mut(blocks.len());
        for (word, block) in full.iter_mut().zip(blocks) {
            let halves = block.as_chunks::<{ 2 * LANES }>().0;
            // SAFETY: the trait's promise.
            *word = unsafe { u64::from(at_least(&halves[0], limit)) | (u64::from(at_least(&halves[1], limit)) << 32) };
        }
        // SAFETY: no promise is needed.
        unsafe { Portable::at_least(rest, limit, last) };
    }

    #[inline(always)]
    unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
        // SAFETY: the trait's promise.
        unsafe { rows::dot(a, b) }
    }

    #[inline(always)]
    unsafe fn dots(pairs: [Pair<'_>; 4]) -> [f32; 4] {
        // SAFETY: the trait's promise.
        unsafe { rows::dots(pairs) }
    }

    #[inline(always)]
    unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; chains::LANES] {
        // SAFETY: the trait's promise.
        unsafe { chains::add_rows(base, rows, into) }
    }

    #[inline(always)]
    unsafe fn nth_greatest(values: &[i16; chains::LANES], n: usize) -> i16 {
        // SAFETY: the trait's promise.
        unsafe { chains::nth_greatest(values, n) }
    }

    #[inline(always)]
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32 {
        // SAFETY: the trait's promise.
        unsafe { rows::subtract(row, code) }
    }
}

/// Twelve registers of sums: six rows by two vectors of codes.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn products(codes: &[i8], starts: &[i16], rows: &[i32], scores: &mut [i16]) {
    const ROWS: usize = Avx2::ROWS;
    let rows = rows.as_chunks::<{ CHUNK / 2 }>().0.as_chunks::<ROWS>().0;
    let stride = scores.len() / ROWS;
    let blocks = codes.chunks_exact(rows.len() * CHUNK * 2 * LANES).zip(starts.as_chunks::<{ 2 * LANES }>().0);
    for (b, (block, starts)) in blocks.enumerate() {
        let starts = starts.as_chunks::<LANES>().0;
        let mut sums = [[load(&starts[0]), load(&starts[1])]; ROWS];
        for (rows, block) in rows.iter().zip(block.chunks_exact(CHUNK * 2 * LANES)) {
            for (p, block) in block.as_chunks::<{ 4 * LANES }>().0.iter().enumerate().take(CHUNK / 2) {
                let halves = block.as_chunks::<{ 2 * LANES }>().0;
                let codes = [load_bytes(&halves[0]), load_bytes(&halves[1])];
                for r in 0..ROWS {
                    let bytes = _mm256_set1_epi32(rows[r][p]);
                    sums[r][0] = _mm256_add_epi16(sums[r][0], _mm256_maddubs_epi16(bytes, codes[0]));
                    sums[r][1] = _mm256_add_epi16(sums[r][1], _mm256_maddubs_epi16(bytes, codes[1]));
                }
            }
        }
        for (r, sums) in sums.into_iter().enumerate() {
            let scores = scores[r * stride + b * 2 * LANES..].as_chunks_mut::<LANES>().0;
            store(&mut scores[0], sums[0]);
            store(&mut scores[1], sums[1]);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn finish(scores: &mut [i16], norms: &[i16], factor: i16, want_second: bool) -> i16 {
    let (vectors, rest) = scores.as_chunks_mut::<LANES>();
    let (norm_vectors, rest_norms) = norms.as_chunks::<LANES>();
    let factors = _mm256_set1_epi16(factor);
    let mut most = _mm256_set1_epi16(i16::MIN);
    let mut second = most;
    for (scores, norms) in vectors.iter_mut().zip(norm_vectors) {
        let score = _mm256_subs_epi16(load(scores), _mm256_mulhrs_epi16(load(norms), factors));
        store(scores, score);
        if want_second {
            second = _mm256_max_epi16(second, _mm256_min_epi16(most, score));
        }
        most = _mm256_max_epi16(most, score);
    }
    let (first_of_rest, second_of_rest) = portable::finish(rest, rest_norms, factor);
    let first = highest(most);
    if !want_second {
        return first.max(first_of_rest);
    }
    // The second most is in another lane, or the second of that lane. Two bits stand for a lane.
    let here = _mm256_cmpeq_epi16(most, _mm256_set1_epi16(first));
    let bits = _mm256_movemask_epi8(here) as u32;
    let alone = bits.count_ones() == 2;
    let second = if alone { highest(_mm256_blendv_epi8(most, second, here)) } else { first };
    first.min(first_of_rest).max(second).max(second_of_rest)
}

/// The greatest lane.
#[inline]
#[target_feature(enable = "avx2,fma")]
pub(super) fn highest(lanes: __m256i) -> i16 {
    let eight = _mm_max_epi16(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256::<1>(lanes));
    // The instruction finds the least of unsigned numbers.
    let least = _mm_minpos_epu16(_mm_xor_si128(eight, _mm_set1_epi16(i16::MAX)));
    (_mm_extract_epi16::<0>(least) as i16) ^ i16::MAX
}

/// A bit for each of two vectors' lanes that is at least `limit`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn at_least(scores: &[i16; 2 * LANES], limit: i16) -> u32 {
    let limits = _mm256_set1_epi16(limit);
    let halves = scores.as_chunks::<LANES>().0;
    let below = [_mm256_cmpgt_epi16(limits, load(&halves[0])), _mm256_cmpgt_epi16(limits, load(&halves[1]))];
    let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi16(below[0], below[1]));
    !(_mm256_movemask_epi8(bytes) as u32)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load_bytes(values: &[i8; 2 * LANES]) -> __m256i {
    // SAFETY: 32 bytes; the instruction asks for no alignment.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
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
