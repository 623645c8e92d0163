//! What an instruction set must be able to do for the search.

use super::layout::{CHUNK, GROUP, LANES, Layout, Pair};
use super::rounding::Screen;

/// Kernels of one instruction set.
///
/// Methods are `unsafe`: the processor must have the instruction set.
pub trait Kernels {
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
    unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; LANES];

    /// The `n`-th greatest.
    unsafe fn nth_greatest(values: &[i16; LANES], n: usize) -> i16;

    /// `row ← row − code`; returns the squared norm of what is left.
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32;
}

impl Layout {
    /// What the kernels `K` read.
    pub const fn of<K: Kernels>() -> Self {
        Self { pair: K::PAIR, block: K::BLOCK, shift: K::SHIFT }
    }
}
