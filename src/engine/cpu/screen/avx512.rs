//! AVX-512 BW: an instruction multiplies 64 bytes, a register holds 32 sums.

use std::arch::x86_64::{
    __m512i, _mm256_max_epi16, _mm512_add_epi16 as add, _mm512_castsi512_si256, _mm512_cmpeq_epi16_mask, _mm512_cmpge_epi16_mask,
    _mm512_extracti64x4_epi64, _mm512_loadu_si512, _mm512_maddubs_epi16 as multiply_pairs, _mm512_mask_blend_epi16,
    _mm512_max_epi16 as greatest, _mm512_min_epi16 as least, _mm512_mulhrs_epi16 as multiply, _mm512_set1_epi16 as splat,
    _mm512_set1_epi32 as splat_pair, _mm512_storeu_si512, _mm512_subs_epi16 as less,
};

use super::beam::{BeamScratch, BeamSearch};
use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP, RowPair};
use super::level::Level;
use super::portable::Portable;
use super::rounding::RoundedCodebook;
use super::search::{self, Nearest, Scratch};
use super::x86::{entry_points, kernels, scores};
use super::{chains, registers, rows};
use crate::engine::cpu::quantize::Choice;

/// AVX-512 with byte and word instructions.
pub struct Avx512;

/// Sums in a register.
const LANES: usize = 32;
/// Registers of sums.
const SUMS: usize = 4;

entry_points!("avx512f,avx512bw,avx2,fma,bmi1", Avx512);

impl Kernels for Avx512 {
    const PER_WORD: usize = 2;
    const BLOCK: usize = SUMS * LANES;
    const ROWS: usize = 1;
    const SHIFT: i16 = 64;

    kernels!();

    #[inline(always)]
    unsafe fn at_least(scores: &[i16], limit: i16, mask: &mut [u64]) {
        let (blocks, rest) = scores.as_chunks::<{ 2 * LANES }>();
        let (full, last) = mask.split_at_mut(blocks.len());
        for (word, block) in full.iter_mut().zip(blocks) {
            let halves = block.as_chunks::<LANES>().0;
            // SAFETY: the trait's promise.
            *word = unsafe { u64::from(at_least(&halves[0], limit)) | (u64::from(at_least(&halves[1], limit)) << 32) };
        }
        // SAFETY: the portable kernel needs no instruction set.
        unsafe { Portable::at_least(rest, limit, last) };
    }
}

scores!("avx512f,avx512bw,avx2,fma", __m512i);

/// The second highest score, where each lane of `most` and `second` has the two highest of its scores and `first` is the
/// highest of `most`: another lane of `most`, or the same lane of `second`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn second_highest(most: __m512i, second: __m512i, first: i16) -> i16 {
    let equal = _mm512_cmpeq_epi16_mask(most, splat(first));
    if equal.count_ones() == 1 { highest(_mm512_mask_blend_epi16(equal, most, second)) } else { first }
}

/// The greatest lane.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn highest(lanes: __m512i) -> i16 {
    registers::highest(_mm256_max_epi16(_mm512_castsi512_si256(lanes), _mm512_extracti64x4_epi64::<1>(lanes)))
}

/// A bit for each lane, set if it is at least `limit`.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
fn at_least(scores: &[i16; LANES], limit: i16) -> u32 {
    _mm512_cmpge_epi16_mask(load(scores), splat(limit))
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
