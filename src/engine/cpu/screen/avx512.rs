//! AVX-512 BW: 64 byte products an instruction, 32 sums a register. The same steps as in `avx2.rs`.

use std::arch::x86_64::{
    __m512i, _mm256_max_epi16, _mm512_add_epi16, _mm512_castsi512_si256, _mm512_cmpeq_epi16_mask, _mm512_cmpge_epi16_mask,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_maddubs_epi16, _mm512_mask_blend_epi16, _mm512_max_epi16,
    _mm512_min_epi16, _mm512_mulhrs_epi16, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_storeu_si512, _mm512_subs_epi16,
};

use super::portable::Portable;
use super::search::{self, Found, Scratch};
use super::{BeamSearch, Beams, CHUNK, Choice, GROUP, Kernels, Level, Pair, Screen, avx2, chains, rows};

/// AVX-512 with byte and word instructions.
pub struct Avx512;

/// Sums in a register.
const LANES: usize = 32;
/// Registers of sums.
const SUMS: usize = 4;

/// See [`super::nearest`].
#[target_feature(enable = "avx512f,avx512bw,avx2,fma,bmi1")]
pub fn nearest<const CHUNKS: usize>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    found: &mut Vec<Found>,
) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search::nearest::<Avx512, CHUNKS>(level, residuals, margins, scratch, found) }
}

/// See [`super::best_chains`].
#[target_feature(enable = "avx512f,avx512bw,avx2,fma,bmi1")]
pub fn best_chains(search: &BeamSearch<'_>, rows: &[[f32; CHUNK]], scores: &[f32], beams: &mut Beams, choices: &mut Vec<Choice>) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search.run::<Avx512>(rows, scores, beams, choices) }
}

impl Kernels for Avx512 {
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
        let (blocks, rest) = scores.as_chunks::<{ 2 * LANES }>();
        let (full, last) = words.split_at_mut(blocks.len());
        for (word, block) in full.iter_mut().zip(blocks) {
            let halves = block.as_chunks::<LANES>().0;
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
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
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
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn scores_of<const SECOND: bool>(
    screen: &Screen,
    row: &[[i32; CHUNK / 2]],
    factor: i16,
    scores: &mut [[i16; SUMS * LANES]],
) -> i16 {
    let factor = _mm512_set1_epi16(factor);
    let mut most = _mm512_set1_epi16(i16::MIN);
    let mut second = most;
    let mut codes = screen.codes().as_chunks::<{ CHUNK * SUMS * LANES }>().0;
    for ((starts, norms), scores) in screen.starts.as_chunks().0.iter().zip(screen.norms.as_chunks().0).zip(scores) {
        let mut sums = load_all(starts);
        for (pairs, codes) in row.iter().zip(codes) {
            for (pair, codes) in pairs.iter().zip(codes.as_chunks::<{ 2 * SUMS * LANES }>().0) {
                let pair = _mm512_set1_epi32(*pair);
                for (sum, codes) in sums.iter_mut().zip(codes.as_chunks().0) {
                    *sum = _mm512_add_epi16(*sum, _mm512_maddubs_epi16(pair, load_bytes(codes)));
                }
            }
        }
        codes = &codes[row.len()..];
        for ((sum, norm), score) in sums.into_iter().zip(load_all(norms)).zip(scores.as_chunks_mut().0) {
            let less = _mm512_subs_epi16(sum, _mm512_mulhrs_epi16(norm, factor));
            store(score, less);
            if SECOND {
                second = _mm512_max_epi16(second, _mm512_min_epi16(most, less));
            }
            most = _mm512_max_epi16(most, less);
        }
    }
    let first = highest(most);
    // The second most is in another lane, or the second of that lane.
    let here = _mm512_cmpeq_epi16_mask(most, _mm512_set1_epi16(first));
    match SECOND && here.count_ones() == 1 {
        true => highest(_mm512_mask_blend_epi16(here, most, second)),
        false => first,
    }
}

/// The greatest lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn highest(lanes: __m512i) -> i16 {
    avx2::highest(_mm256_max_epi16(_mm512_castsi512_si256(lanes), _mm512_extracti64x4_epi64::<1>(lanes)))
}

/// A bit for each lane that is at least `limit`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn at_least(scores: &[i16; LANES], limit: i16) -> u32 {
    _mm512_cmpge_epi16_mask(load(scores), _mm512_set1_epi16(limit))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn load_all(values: &[i16; SUMS * LANES]) -> [__m512i; SUMS] {
    std::array::from_fn(|v| load(&values.as_chunks().0[v]))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn load_bytes(values: &[i8; 2 * LANES]) -> __m512i {
    // SAFETY: 64 bytes; the instruction asks for no alignment.
    unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn load(values: &[i16; LANES]) -> __m512i {
    // SAFETY: 64 bytes; the instruction asks for no alignment.
    unsafe { _mm512_loadu_si512(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn store(values: &mut [i16; LANES], register: __m512i) {
    // SAFETY: 64 bytes, borrowed exclusively; the instruction asks for no alignment.
    unsafe { _mm512_storeu_si512(values.as_mut_ptr().cast(), register) }
}
