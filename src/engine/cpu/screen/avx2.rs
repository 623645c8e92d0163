//! AVX2: 32 byte products an instruction, 16 sums a register.

use std::arch::x86_64::{
    __m256i, _mm_extract_epi16, _mm_max_epi16, _mm_minpos_epu16, _mm_set1_epi16, _mm_xor_si128, _mm256_add_epi16,
    _mm256_blendv_epi8, _mm256_castsi256_si128, _mm256_cmpeq_epi16, _mm256_cmpgt_epi16, _mm256_extracti128_si256,
    _mm256_loadu_si256, _mm256_maddubs_epi16, _mm256_max_epi16, _mm256_min_epi16, _mm256_movemask_epi8, _mm256_mulhrs_epi16,
    _mm256_packs_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_storeu_si256, _mm256_subs_epi16,
};

use super::portable::Portable;
use super::search::{self, Found, Scratch};
use super::{BeamSearch, Beams, CHUNK, Choice, GROUP, Kernels, Level, Pair, Screen, chains, rows};

/// AVX2 and FMA.
pub struct Avx2;

/// Sums in a register.
const LANES: usize = 16;
/// Registers of sums: of one row, so that each vector of codes is read as an operand, by the instruction that multiplies it.
const SUMS: usize = 8;

/// See [`super::nearest`].
#[target_feature(enable = "avx2,fma,bmi1")]
pub fn nearest<const CHUNKS: usize>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    found: &mut Vec<Found>,
) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search::nearest::<Avx2, CHUNKS>(level, residuals, margins, scratch, found) }
}

/// See [`super::best_chains`].
#[target_feature(enable = "avx2,fma,bmi1")]
pub fn best_chains(search: &BeamSearch<'_>, rows: &[[f32; CHUNK]], scores: &[f32], beams: &mut Beams, choices: &mut Vec<Choice>) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search.run::<Avx2>(rows, scores, beams, choices) }
}

impl Kernels for Avx2 {
    const PAIR: usize = 2;
    const BLOCK: usize = SUMS * LANES;
    const ROWS: usize = 1;
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
    unsafe fn scores(screen: &Screen, rows: &[i32], factors: &[i16; GROUP], second: bool, into: &mut [i16]) -> [i16; GROUP] {
        // SAFETY: the trait's promise.
        unsafe { if second { scores::<true>(screen, rows, factors, into) } else { scores::<false>(screen, rows, factors, into) } }
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

/// See [`Kernels::scores`].
#[inline]
#[target_feature(enable = "avx2,fma")]
fn scores<const SECOND: bool>(screen: &Screen, rows: &[i32], factors: &[i16; GROUP], scores: &mut [i16]) -> [i16; GROUP] {
    let rows = rows.chunks_exact(screen.pairs).zip(scores.chunks_exact_mut(screen.starts.len()));
    let mut best = [0; GROUP];
    for ((best, factor), (row, scores)) in best.iter_mut().zip(factors).zip(rows) {
        *best = scores_of::<SECOND>(screen, row.as_chunks().0, *factor, scores.as_chunks_mut().0);
    }
    best
}

/// The same of one row `[stride / CHUNK][CHUNK / 2]`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn scores_of<const SECOND: bool>(
    screen: &Screen,
    row: &[[i32; CHUNK / 2]],
    factor: i16,
    scores: &mut [[i16; SUMS * LANES]],
) -> i16 {
    let factor = _mm256_set1_epi16(factor);
    let mut most = _mm256_set1_epi16(i16::MIN);
    let mut second = most;
    let mut codes = screen.codes().as_chunks::<{ CHUNK * SUMS * LANES }>().0;
    for ((starts, norms), scores) in screen.starts.as_chunks().0.iter().zip(screen.norms.as_chunks().0).zip(scores) {
        let mut sums = load_all(starts);
        for (pairs, codes) in row.iter().zip(codes) {
            for (pair, codes) in pairs.iter().zip(codes.as_chunks::<{ 2 * SUMS * LANES }>().0) {
                let pair = _mm256_set1_epi32(*pair);
                for (sum, codes) in sums.iter_mut().zip(codes.as_chunks().0) {
                    *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(pair, load_bytes(codes)));
                }
            }
        }
        codes = &codes[row.len()..];
        for ((sum, norm), score) in sums.into_iter().zip(load_all(norms)).zip(scores.as_chunks_mut().0) {
            let less = _mm256_subs_epi16(sum, _mm256_mulhrs_epi16(norm, factor));
            store(score, less);
            if SECOND {
                second = _mm256_max_epi16(second, _mm256_min_epi16(most, less));
            }
            most = _mm256_max_epi16(most, less);
        }
    }
    let first = highest(most);
    // The second most is in another lane, or the second of that lane. Two bits stand for a lane.
    let here = _mm256_cmpeq_epi16(most, _mm256_set1_epi16(first));
    match SECOND && _mm256_movemask_epi8(here).count_ones() == 2 {
        true => highest(_mm256_blendv_epi8(most, second, here)),
        false => first,
    }
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
fn load_all(values: &[i16; SUMS * LANES]) -> [__m256i; SUMS] {
    std::array::from_fn(|v| load(&values.as_chunks().0[v]))
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
