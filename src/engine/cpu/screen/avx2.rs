//! AVX2: an instruction multiplies 32 bytes, a register holds 16 sums.

use std::arch::x86_64::{
    __m256i, _mm256_add_epi16 as add, _mm256_blendv_epi8, _mm256_cmpeq_epi16, _mm256_cmpgt_epi16, _mm256_loadu_si256,
    _mm256_maddubs_epi16 as multiply_pairs, _mm256_max_epi16 as greatest, _mm256_min_epi16 as least, _mm256_movemask_epi8,
    _mm256_mulhrs_epi16 as multiply, _mm256_packs_epi16, _mm256_permute4x64_epi64, _mm256_set1_epi16 as splat,
    _mm256_set1_epi32 as splat_pair, _mm256_subs_epi16 as less,
};

use super::beam::{BeamScratch, BeamSearch};
use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP, RowPair};
use super::level::Level;
use super::portable::Portable;
use super::registers::{highest, load, store};
use super::rounding::RoundedCodebook;
use super::search::{self, Nearest, Scratch};
use super::x86::{entry_points, kernels, scores};
use super::{chains, rows};
use crate::engine::cpu::quantize::Choice;

/// AVX2 and FMA.
pub struct Avx2;

/// Sums in a register.
const LANES: usize = 16;
/// Registers of sums. All belong to one row, so that each vector of codes is read once, by the instruction that multiplies it.
const SUMS: usize = 8;

entry_points!("avx2,fma,bmi1", Avx2);

impl Kernels for Avx2 {
    const PER_WORD: usize = 2;
    const BLOCK: usize = SUMS * LANES;
    const ROWS: usize = 1;
    const SHIFT: i16 = 64;

    kernels!();

    #[inline(always)]
    unsafe fn at_least(scores: &[i16], limit: i16, mask: &mut [u64]) {
        let (blocks, rest) = scores.as_chunks::<{ 4 * LANES }>();
        let (full, last) = mask.split_at_mut(blocks.len());
        for (word, block) in full.iter_mut().zip(blocks) {
            let halves = block.as_chunks::<{ 2 * LANES }>().0;
            // SAFETY: the trait's promise.
            *word = unsafe { u64::from(at_least(&halves[0], limit)) | (u64::from(at_least(&halves[1], limit)) << 32) };
        }
        // SAFETY: the portable kernel needs no instruction set.
        unsafe { Portable::at_least(rest, limit, last) };
    }
}

scores!("avx2,fma", __m256i);

/// The second highest score, where each lane of `most` and `second` has the two highest of its scores and `first` is the
/// highest of `most`: another lane of `most`, or the same lane of `second`. The mask has two bits a lane.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn second_highest(most: __m256i, second: __m256i, first: i16) -> i16 {
    let equal = _mm256_cmpeq_epi16(most, splat(first));
    let unique = _mm256_movemask_epi8(equal).count_ones() == 2;
    if unique { highest(_mm256_blendv_epi8(most, second, equal)) } else { first }
}

/// A bit for each lane of two vectors, set if it is at least `limit`.
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
