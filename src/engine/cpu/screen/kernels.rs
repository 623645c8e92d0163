//! The operations of the search that are written for each instruction set.

use super::layout::{CHUNK, GROUP, LANES, Layout, RowPair};
use super::rounding::RoundedCodebook;

/// Kernels of one instruction set.
///
/// Methods are `unsafe`: the processor must have the instruction set.
pub trait Kernels {
    /// Dimensions in a word of a rounded row; their bytes lie side by side, and one instruction adds up their products.
    const PER_WORD: usize;
    /// Codes in a block.
    const BLOCK: usize;
    /// Rows of a group that share the loads of a block.
    const ROWS: usize;
    /// What is added to the bytes of a residual, for instructions that take one operand without a sign.
    const SHIFT: i16;

    /// Squared norm and largest magnitude of a row.
    unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32);

    /// Rounds `chunk · inverse`, adds `SHIFT`, and writes the words that [`Self::scores`] reads: with `PER_WORD` 2 a word holds
    /// two neighbours twice, with `PER_WORD` 1 it is the value. Returns the squared norm of the rounding error.
    unsafe fn round_chunk(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32;

    /// `scores[row][code] ← Σ_d rows[row][d] · codes[code][d]` plus the code's offset, wrapping, less its norm times the
    /// row's `factor / 2¹⁵`, saturating. Returns the largest of each row; if `second`, the second largest.
    ///
    /// `codes`: `[block][stride / PER_WORD][BLOCK][PER_WORD]`; `rows`: `[tiles][stride / CHUNK][ROWS][CHUNK / PER_WORD]`, see
    /// [`Self::round_chunk`], at most a group; `scores`: `[GROUP][codes, padded to blocks]`.
    unsafe fn scores(
        codebook: &RoundedCodebook,
        rows: &[i32],
        factors: &[i16; GROUP],
        second: bool,
        scores: &mut [i16],
    ) -> [i16; GROUP];

    /// Sets bit `t % 64` of `mask[t / 64]` where `scores[t] ≥ limit`, and clears the other bits. Words beyond stay as they are.
    unsafe fn at_least(scores: &[i16], limit: i16, mask: &mut [u64]);

    /// Scalar product of two rows.
    unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32;

    /// Scalar products of four pairs of rows.
    #[inline(always)]
    unsafe fn dots(pairs: [RowPair<'_>; 4]) -> [f32; 4] {
        let mut dots = [0.0; 4];
        for (dot, (a, b)) in dots.iter_mut().zip(pairs) {
            // SAFETY: the caller's promise.
            *dot = unsafe { Self::dot(a, b) };
        }
        dots
    }

    /// `into[t] = base + Σ_j rows[j][t]`, saturating; returns the greatest of each lane, those with equal `t % 16`. All lengths
    /// are equal, and multiples of 16.
    unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; LANES];

    /// The `n`-th greatest value.
    unsafe fn nth_greatest(values: &[i16; LANES], n: usize) -> i16;

    /// `row ← row − code`; returns the squared norm of the difference.
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32;
}

impl Layout {
    /// The layout that the kernels `K` read.
    pub const fn of<K: Kernels>() -> Self {
        Self { per_word: K::PER_WORD, block: K::BLOCK, shift: K::SHIFT }
    }
}
