//! Scores of codes in 16 bits: which codes can be the nearest at all.
//!
//! A search in f32 spends its time on multiply-adds for codes that are nowhere near. Here codes and
//! residuals are rounded to 8 bits first, which a vector unit multiplies two to four times as fast,
//! and every rounding is accounted for: with the bound `e` on its error, only codes whose rounded score
//! lies within `2e` of the best can be the best. Those, two or three of 256, are scored again in f32
//! ([`super::quantize::Level`]), so the result is that of the full search.
//!
//! Written out for AVX-512, AVX2 and simd128; elsewhere a portable body that the compiler vectorises.
//! All of them give the same bits, for the arithmetic is exact: 16-bit sums that wrap on their way
//! and end within range, because the rows are scaled so ([`Screen::set_units`]).
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod beam;
#[cfg(target_arch = "x86_64")]
mod chains;
mod portable;
mod products;
#[cfg(target_arch = "x86_64")]
mod rows;
mod scale;
mod search;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::quantize::{Choice, Level};
pub use beam::{BeamSearch, Beams};
use products::LANES;
pub use products::{Products, stride};
pub use scale::Screen;
pub use search::{Found, Scratch};

/// Values of a row that are loaded together: rows are padded to whole chunks, for loops of a known length.
pub const CHUNK: usize = 32;

/// Rows that are screened together: their scales fill a vector register.
pub const GROUP: usize = 8;

/// Two rows.
type Pair<'a> = (&'a [[f32; CHUNK]], &'a [[f32; CHUNK]]);

/// Kernels of one instruction set.
///
/// Methods are `unsafe`: the processor must have the instruction set.
trait Kernels {
    /// Dimensions whose bytes lie side by side: what one instruction adds up.
    const PAIR: usize;
    /// Codes of a block.
    const BLOCK: usize;
    /// Rows of a group that share the loads of a block.
    const ROWS: usize;
    /// What the bytes of a residual are shifted by, where instructions take one side unsigned.
    const SHIFT: i16;

    /// Squared norm and largest magnitude of a row.
    unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32);

    /// Rounds `chunk · inverse` to bytes, as [`Self::scores`] reads them: with `PAIR` 2 each number holds two
    /// neighbours twice, with `PAIR` 1 it is the value; plus `SHIFT`. Returns the squared norm of what rounding took.
    unsafe fn spread(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32;

    /// `scores[row][code] ← Σ_d rows[row][d] · codes[code][d]` plus the code's start, wrapping, less its norm times the
    /// row's `factor / 2¹⁵`, saturating. Returns the largest of each row, or the `second` largest.
    ///
    /// `codes`: `[block][stride / PAIR][BLOCK][PAIR]`; `rows`: `[tiles][stride / CHUNK][ROWS][CHUNK / PAIR]`, see
    /// [`Self::spread`], at most a group; `scores`: `[GROUP][codes, padded to blocks]`.
    unsafe fn scores(screen: &Screen, rows: &[i32], factors: &[i16; GROUP], second: bool, scores: &mut [i16]) -> [i16; GROUP];

    /// `words[t / 64]` gets bit `t % 64` set where `scores[t] ≥ limit`, and no other; words beyond stay as they are.
    unsafe fn at_least(scores: &[i16], limit: i16, words: &mut [u64]);

    /// Product of two rows.
    unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32;

    /// Products of four pairs of rows.
    #[inline(always)]
    unsafe fn dots(pairs: [Pair<'_>; 4]) -> [f32; 4] {
        let mut dots = [0.0; 4];
        for (dot, (a, b)) in dots.iter_mut().zip(pairs) {
            // SAFETY: the caller's promise.
            *dot = unsafe { Self::dot(a, b) };
        }
        dots
    }

    /// `into[t] = base + Σ_j rows[j][t]`, saturating; returns the greatest of each sixteenth of them: those of equal
    /// `t % 16`. The lengths are equal, and whole sixteens.
    #[inline(always)]
    unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; LANES] {
        portable::add_rows(base, rows, into)
    }

    /// The `n`-th greatest.
    #[inline(always)]
    unsafe fn nth_greatest(values: &[i16; LANES], n: usize) -> i16 {
        portable::nth_greatest(values, n)
    }

    /// `row ← row − code`; returns the squared norm of what is left.
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32;
}

/// Instruction sets that there are kernels for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InstructionSet {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    Portable,
}

/// The best that this processor has.
fn instruction_set() -> InstructionSet {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx512bw") && crate::compute::cpu::simd::has_avx2() {
            return InstructionSet::Avx512;
        }
        if crate::compute::cpu::simd::has_avx2() {
            return InstructionSet::Avx2;
        }
    }
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return InstructionSet::Simd128;
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    InstructionSet::Portable
}

/// How [`Kernels`] read a [`Screen`].
#[derive(Debug, Clone, Copy)]
struct Layout {
    pair: usize,
    block: usize,
    shift: i16,
}

impl Layout {
    const fn of<K: Kernels>() -> Self {
        Self { pair: K::PAIR, block: K::BLOCK, shift: K::SHIFT }
    }

    /// Of the kernels in use.
    fn native() -> Self {
        match instruction_set() {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => Self::of::<avx512::Avx512>(),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Self::of::<avx2::Avx2>(),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            InstructionSet::Simd128 => Self::of::<wasm::Simd128>(),
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            InstructionSet::Portable => Self::of::<portable::Portable>(),
        }
    }
}

/// Nearest code of each of `residuals [rows][stride / CHUNK]`, which it is taken away from; see [`Level::nearest`].
pub fn nearest(level: &Level, residuals: &mut [[f32; CHUNK]], margins: bool, scratch: &mut Scratch, found: &mut Vec<Found>) {
    match level.chunks {
        1 => nearest_of::<1>(level, residuals, margins, scratch, found),
        _ => nearest_of::<0>(level, residuals, margins, scratch, found),
    }
}

/// The same with `CHUNKS` in a row, or 0 where the compiler does not know them.
fn nearest_of<const CHUNKS: usize>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    found: &mut Vec<Found>,
) {
    // SAFETY: `instruction_set` has seen the processor report it.
    unsafe {
        match instruction_set() {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => avx512::nearest::<CHUNKS>(level, residuals, margins, scratch, found),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => avx2::nearest::<CHUNKS>(level, residuals, margins, scratch, found),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            InstructionSet::Simd128 => search::nearest::<wasm::Simd128, CHUNKS>(level, residuals, margins, scratch, found),
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            InstructionSet::Portable => search::nearest::<portable::Portable, CHUNKS>(level, residuals, margins, scratch, found),
        }
    }
}

/// The best chain of each of `rows [rows][stride / CHUNK]`, given the scores of all codes without a chain, in units of
/// [`Products`], `[rows][levels][codes, padded]`: appended to `choices [rows][levels]`, without margins.
pub fn best_chains(search: &BeamSearch<'_>, rows: &[[f32; CHUNK]], scores: &[f32], beams: &mut Beams, choices: &mut Vec<Choice>) {
    // SAFETY: `instruction_set` has seen the processor report it.
    unsafe {
        match instruction_set() {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => avx512::best_chains(search, rows, scores, beams, choices),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => avx2::best_chains(search, rows, scores, beams, choices),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            InstructionSet::Simd128 => search.run::<wasm::Simd128>(rows, scores, beams, choices),
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            InstructionSet::Portable => search.run::<portable::Portable>(rows, scores, beams, choices),
        }
    }
}

#[cfg(test)]
mod tests;
