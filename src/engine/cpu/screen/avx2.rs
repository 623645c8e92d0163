//! AVX2: 32 byte products an instruction, 16 sums a register.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi16 as add, _mm256_blendv_epi8, _mm256_cmpeq_epi16, _mm256_cmpgt_epi16, _mm256_loadu_si256,
    _mm256_maddubs_epi16 as multiply_pairs, _mm256_max_epi16 as greatest, _mm256_min_epi16 as least, _mm256_movemask_epi8,
    _mm256_mulhrs_epi16 as multiply, _mm256_packs_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi16 as splat,
    _mm256_set1_epi32 as splat_pair, _mm256_subs_epi16 as less,
};

use super::beam::{BeamSearch, Beams};
use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP, Pair};
use super::level::Level;
use super::portable::Portable;
use super::registers::{highest, load, store};
use super::rounding::Screen;
use super::search::{self, Found, Scratch};
use super::x86::{kernels, scores};
use super::{chains, rows};
use crate::engine::cpu::quantize::Choice;

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

    kernels!();

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
}

scores!("avx2,fma", __m256i);

/// The second highest lane, where `first` is the highest of `most`: another of those, or the `second` of its own. Two bits
/// stand for a lane.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn second_highest(most: __m256i, second: __m256i, first: i16) -> i16 {
    let here = _mm256_cmpeq_epi16(most, splat(first));
    let alone = _mm256_movemask_epi8(here).count_ones() == 2;
    if alone { highest(_mm256_blendv_epi8(most, second, here)) } else { first }
}

/// A bit for each of two vectors' lanes that is at least `limit`.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn at_least(scores: &[i16; 2 * LANES], limit: i16) -> u32 {
    let limits = splat(limit);
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
