//! AVX-512 BW: 64 byte products an instruction, 32 sums a register. The same steps as in `avx2.rs`.

use std::arch::x86_64::{
    __m512i, _mm512_add_epi16, _mm512_cmpge_epi16_mask, _mm512_loadu_si512, _mm512_maddubs_epi16, _mm512_max_epi16,
    _mm512_min_epi16, _mm512_mulhrs_epi16, _mm512_set1_epi16, _mm512_set1_epi32, _mm512_storeu_si512, _mm512_subs_epi16,
};

use super::portable::{self, Portable};
use super::search::{self, Found, Scratch};
use super::{BeamSearch, Beams, CHUNK, Choice, Kernels, Level, Pair, chains, rows};

/// AVX-512 with byte and word instructions.
pub struct Avx512;

/// Sums in a register.
const LANES: usize = 32;

/// See [`super::nearest`].
#[target_feature(enable = "avx512f,avx512bw,avx2,fma,bmi1")]
pub fn nearest(level: &Level, residuals: &mut [[f32; CHUNK]], margins: bool, scratch: &mut Scratch, found: &mut Vec<Found>) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search::nearest::<Avx512>(level, residuals, margins, scratch, found) }
}

/// See [`super::best_chains`].
#[target_feature(enable = "avx512f,avx512bw,avx2,fma,bmi1")]
pub fn best_chains(search: &BeamSearch<'_>, rows: &[[f32; CHUNK]], scores: &[f32], beams: &mut Beams, choices: &mut Vec<Choice>) {
    // SAFETY: this function is compiled for the instruction set.
    unsafe { search.run::<Avx512>(rows, scores, beams, choices) }
}

impl Kernels for Avx512 {
    const PAIR: usize = 2;
    const BLOCK: usize = 2 * LANES;
    const ROWS: usize = 12;
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

/// Twenty-four registers of sums: twelve rows by two vectors of codes.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn products(codes: &[i8], starts: &[i16], rows: &[i32], scores: &mut [i16]) {
    const ROWS: usize = Avx512::ROWS;
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
                    let bytes = _mm512_set1_epi32(rows[r][p]);
                    sums[r][0] = _mm512_add_epi16(sums[r][0], _mm512_maddubs_epi16(bytes, codes[0]));
                    sums[r][1] = _mm512_add_epi16(sums[r][1], _mm512_maddubs_epi16(bytes, codes[1]));
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
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn finish(scores: &mut [i16], norms: &[i16], factor: i16, want_second: bool) -> i16 {
    let (vectors, rest) = scores.as_chunks_mut::<LANES>();
    let (norm_vectors, rest_norms) = norms.as_chunks::<LANES>();
    let factors = _mm512_set1_epi16(factor);
    let mut most = _mm512_set1_epi16(i16::MIN);
    let mut second = most;
    for (scores, norms) in vectors.iter_mut().zip(norm_vectors) {
        let score = _mm512_subs_epi16(load(scores), _mm512_mulhrs_epi16(load(norms), factors));
        store(scores, score);
        second = _mm512_max_epi16(second, _mm512_min_epi16(most, score));
        most = _mm512_max_epi16(most, score);
    }
    let mut lanes = [[0; LANES]; 2];
    store(&mut lanes[0], most);
    store(&mut lanes[1], second);
    let (first, second) = portable::two_most(lanes.as_flattened(), portable::finish(rest, rest_norms, factor));
    if want_second { second } else { first }
}

/// A bit for each lane that is at least `limit`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn at_least(scores: &[i16; LANES], limit: i16) -> u32 {
    _mm512_cmpge_epi16_mask(load(scores), _mm512_set1_epi16(limit))
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
