//! The search for the nearest code: screened in 16 bits, settled in f32.

use super::{CHUNK, Kernels, Scale};
use crate::engine::cpu::quantize::Level;

/// The nearest code of one residual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its index, the lowest on a tie.
    pub code: u32,
    /// `½‖c‖² − ⟨r, c⟩` of it.
    pub score: f32,
    /// The same of the runner-up, if margins were asked for; infinite in a codebook of one.
    pub second: f32,
    /// `‖r − c‖²`.
    pub left: f32,
}

/// Buffers of a search, used again from level to level.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// `[stride / CHUNK][ROWS][CHUNK / PAIR]`.
    rows: Vec<i32>,
    /// `[ROWS][codes, padded to blocks]`.
    scores: Vec<i16>,
    /// `[ROWS][codes / 32]`: a bit for each code that may be the nearest.
    words: Vec<u32>,
    /// `[ROWS]`.
    scales: Vec<Scale>,
    /// `[ROWS]`, see [`Kernels::products`].
    starts: Vec<i16>,
}

/// See [`super::nearest`].
///
/// # Safety
/// The processor has the instruction set of `K`.
#[inline(always)]
pub(super) unsafe fn nearest<K: Kernels>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    found: &mut Vec<Found>,
) {
    scratch.rows.resize(K::ROWS * level.screen.pairs, 0);
    scratch.scores.resize(K::ROWS * level.half_norms.len().next_multiple_of(K::BLOCK), 0);
    scratch.words.resize(K::ROWS * level.half_norms.len().div_ceil(32), 0);
    scratch.scales.resize(K::ROWS, Scale::default());
    scratch.starts.resize(K::ROWS, 0);
    for group in residuals.chunks_mut(K::ROWS * level.chunks) {
        // SAFETY: the caller's promise.
        unsafe {
            screen::<K>(level, group, margins, scratch);
            settle::<K>(level, group, &scratch.words, found);
        }
    }
}

/// Sets a bit in `scratch.words` for every code that may be the nearest of a row, or the second for `margins`.
///
/// In small steps over all rows, and none of them branches: each waits for the one before, so what one row waits for
/// is done for the others meanwhile.
#[inline(always)]
unsafe fn screen<K: Kernels>(level: &Level, group: &[[f32; CHUNK]], margins: bool, scratch: &mut Scratch) {
    let (screen, codes) = (&level.screen, level.half_norms.len());
    let Scratch { rows, scores, words, scales, starts } = scratch;
    // SAFETY: the caller's promise; so below.
    for (scale, row) in scales.iter_mut().zip(group.chunks_exact(level.chunks)) {
        (scale.norm, scale.unit) = unsafe { screen.unit::<K>(row) };
    }
    for (r, (scale, row)) in scales.iter_mut().zip(group.chunks_exact(level.chunks)).enumerate() {
        unsafe { screen.round::<K>(row, scale, r, rows) };
        starts[r] = scale.start;
    }
    unsafe { K::products(&screen.codes, rows, starts, scores) };
    let padded = scores.len() / K::ROWS;
    for (scores, scale) in scores.chunks_exact_mut(padded).zip(scales.iter_mut()) {
        let best = unsafe { K::finish(&mut scores[..codes], &screen.norms, scale.factor, margins) };
        scale.limit = best.saturating_add(scale.slack);
    }
    let words = words.chunks_exact_mut(codes.div_ceil(32));
    for ((scores, words), scale) in scores.chunks_exact(padded).zip(words).zip(scales) {
        unsafe { K::at_most(&scores[..codes], scale.limit, words) };
    }
}

/// Scores the marked codes of every row in f32, and takes the best away from the row.
#[inline(always)]
unsafe fn settle<K: Kernels>(level: &Level, group: &mut [[f32; CHUNK]], words: &[u32], found: &mut Vec<Found>) {
    let words = words.chunks_exact(level.half_norms.len().div_ceil(32));
    for (row, words) in group.chunks_exact_mut(level.chunks).zip(words) {
        let mut nearest = Found { code: 0, score: f32::INFINITY, second: f32::INFINITY, left: 0.0 };
        // SAFETY: the caller's promise; so below.
        each_bit(words, |t| nearest.offer(t, level.half_norms[t] - unsafe { K::dot(row, level.code(t)) }));
        nearest.left = unsafe { K::subtract(row, level.code(nearest.code as usize)) };
        found.push(nearest);
    }
}

impl Found {
    /// Without branches: which way they go cannot be foreseen.
    #[inline(always)]
    fn offer(&mut self, code: usize, score: f32) {
        let better = score < self.score;
        let loser = if better { self.score } else { score };
        self.second = if loser < self.second { loser } else { self.second };
        self.code = if better { code as u32 } else { self.code };
        self.score = if better { score } else { self.score };
    }
}

/// Calls `found` with the index of each set bit, 32 a word, in ascending order.
///
/// Most words are empty, and which are not cannot be foreseen: a branch on each would be mispredicted as often as
/// not, so the words that have any bits are found without.
#[inline(always)]
fn each_bit(words: &[u32], mut found: impl FnMut(usize)) {
    for (part, words) in words.chunks(8).enumerate() {
        let mut some = 0u32;
        for (w, word) in words.iter().enumerate() {
            some |= u32::from(*word != 0) << w;
        }
        while some != 0 {
            let w = some.trailing_zeros() as usize;
            let mut word = words[w];
            while word != 0 {
                found((part * 8 + w) * 32 + word.trailing_zeros() as usize);
                word &= word - 1;
            }
            some &= some - 1;
        }
    }
}
