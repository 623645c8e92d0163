//! The search for the nearest code: screened in 16 bits, settled in f32.

use std::hint::select_unpredictable;
use std::ops::Range;

use super::scale::{LANES, Scales};
use super::{CHUNK, Kernels, Pair};
use crate::engine::cpu::quantize::Level;

/// The nearest code of one residual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its index, the lowest on a tie.
    pub code: u32,
    /// `½‖c‖² − ⟨r, c⟩` of it, if margins were asked for.
    pub score: f32,
    /// The same of the runner-up, if margins were asked for; infinite in a codebook of one.
    pub second: f32,
    /// `‖r − c‖²`.
    pub left: f32,
}

/// Groups of rows that are settled together: their residuals stay in the first-level cache.
const GROUPS: usize = 8;
/// The [`key`] of an infinite score, less the code.
const FARTHEST: u64 = 0xFF80_0000 << 32;

/// Buffers of a search, used again from level to level.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// `[GROUPS][stride / CHUNK][ROWS][CHUNK / PAIR]`.
    rows: Vec<i32>,
    /// `[ROWS][codes, padded to blocks]`.
    scores: Vec<i16>,
    /// `[codes / 64]`: a bit for each code that may be the nearest of a row.
    words: Vec<u64>,
    /// `[GROUPS · ROWS / LANES]`.
    scales: Vec<Scales>,
    /// `[ROWS]`: the least score of a code that may be the nearest.
    limits: Vec<i16>,
    /// Of the rows that are settled together, a code that may be the nearest, below 32 bits of its row; then room.
    candidates: Vec<u64>,
    /// The two least [`key`]s of each of these rows.
    least: Vec<[u64; 2]>,
}

/// See [`super::nearest`].
///
/// In small steps over many rows, and none of them branches where the way cannot be foreseen: each waits for the one
/// before, so what one row waits for is done for the others meanwhile.
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
    let codes = level.half_norms.len();
    scratch.rows.resize(GROUPS * K::ROWS * level.screen.pairs, 0);
    scratch.limits.resize(K::ROWS, 0);
    scratch.scores.resize(K::ROWS * codes.next_multiple_of(K::BLOCK), 0);
    scratch.words.resize(codes.div_ceil(64), 0);
    scratch.scales.resize((GROUPS * K::ROWS).div_ceil(LANES), Scales::default());
    scratch.candidates.resize(GROUPS * K::ROWS * codes + 2, 0);
    scratch.least.resize(GROUPS * K::ROWS, [FARTHEST; 2]);
    for rows in residuals.chunks_mut(GROUPS * K::ROWS * level.chunks) {
        // SAFETY: the caller's promise; so below.
        unsafe { round::<K>(level, rows, scratch) };
        let mut count = 0;
        for first in (0..rows.len() / level.chunks).step_by(K::ROWS) {
            let group = first..(rows.len() / level.chunks).min(first + K::ROWS);
            count = unsafe { screen::<K>(level, group, margins, count, scratch) };
        }
        unsafe { settle::<K>(level, rows, &scratch.candidates[..count], &mut scratch.least) };
        for (row, &[first, second]) in rows.chunks_exact_mut(level.chunks).zip(&scratch.least) {
            let code = first as u32;
            let left = unsafe { K::subtract(row, level.code(code as usize)) };
            found.push(Found { code, score: score(first), second: score(second), left });
        }
    }
}

/// Rounds residuals to bytes.
#[inline(always)]
unsafe fn round<K: Kernels>(level: &Level, residuals: &[[f32; CHUNK]], scratch: &mut Scratch) {
    let Scratch { rows, scales, .. } = scratch;
    for (scales, eight) in scales.iter_mut().zip(residuals.chunks(LANES * level.chunks)) {
        for (r, row) in eight.chunks_exact(level.chunks).enumerate() {
            // SAFETY: the caller's promise; so below.
            (scales.square[r], scales.largest[r]) = unsafe { K::magnitude(row) };
        }
        level.screen.set_units(scales);
    }
    for (r, row) in residuals.chunks_exact(level.chunks).enumerate() {
        let (scales, lane) = (&mut scales[r / LANES], r % LANES);
        let group = &mut rows[r / K::ROWS * K::ROWS * level.screen.pairs..][..K::ROWS * level.screen.pairs];
        scales.left[lane] = 0.0;
        for (chunk, rows) in row.iter().zip(group.chunks_exact_mut(K::ROWS * CHUNK / K::PAIR)) {
            let into = &mut rows[r % K::ROWS * CHUNK / K::PAIR..][..CHUNK / K::PAIR];
            scales.left[lane] += unsafe { K::spread(chunk, scales.inverse[lane], into) };
        }
    }
    scales.iter_mut().for_each(|scales| level.screen.set_slacks(scales));
}

/// Adds every code that may be the nearest of a row of a group, or the second for `margins`, to the `count` candidates
/// that there are; returns how many there are then.
#[inline(always)]
unsafe fn screen<K: Kernels>(
    level: &Level,
    group: Range<usize>,
    margins: bool,
    mut count: usize,
    scratch: &mut Scratch,
) -> usize {
    let (screen, codes) = (&level.screen, level.half_norms.len());
    let Scratch { rows, scores, words, scales, limits, candidates, least } = scratch;
    let rows = &rows[group.start * screen.pairs..][..K::ROWS * screen.pairs];
    // SAFETY: the caller's promise; so below.
    unsafe { K::products(&screen.codes, &screen.starts, rows, scores) };
    let padded = scores.len() / K::ROWS;
    for ((row, scores), limit) in group.clone().zip(scores.chunks_exact_mut(padded)).zip(limits.iter_mut()) {
        let (scales, lane) = (&scales[row / LANES], row % LANES);
        let best = unsafe { K::finish(&mut scores[..codes], &screen.norms, scales.factor[lane], margins) };
        *limit = best.saturating_sub(scales.slack[lane]);
    }
    for ((row, scores), limit) in group.zip(scores.chunks_exact(padded)).zip(limits) {
        unsafe { K::at_least(&scores[..codes], *limit, words) };
        let end = mark(row, words, candidates, count);
        least[row] = [FARTHEST | u64::from(candidates[count] as u32), FARTHEST];
        // One alone is not even scored, but for margins.
        count = select_unpredictable(margins | (end > count + 1), end, count);
    }
    count
}

/// Appends a candidate for each set bit, 64 a word; returns how many there are then.
///
/// How many bits are set cannot be foreseen, so two are written always, and what is too much is written over.
#[inline(always)]
pub(super) fn mark(row: usize, words: &[u64], candidates: &mut [u64], mut end: usize) -> usize {
    for (p, &word) in words.iter().enumerate() {
        let (mut word, code) = (word, ((row as u64) << 32) + 64 * p as u64);
        loop {
            for slot in &mut candidates[end..][..2] {
                *slot = code + u64::from(word.trailing_zeros());
                end += usize::from(word != 0);
                word &= word.wrapping_sub(1);
            }
            if word == 0 {
                break;
            }
        }
    }
    end
}

/// Scores candidates in f32.
#[inline(always)]
unsafe fn settle<K: Kernels>(level: &Level, rows: &[[f32; CHUNK]], candidates: &[u64], least: &mut [[u64; 2]]) {
    let (fours, rest) = candidates.as_chunks::<4>();
    for &[a, b, c, d] in fours {
        // SAFETY: the caller's promise; so below.
        let dots = unsafe { K::dots([pair(level, rows, a), pair(level, rows, b), pair(level, rows, c), pair(level, rows, d)]) };
        for (candidate, dot) in [a, b, c, d].into_iter().zip(dots) {
            offer(level, candidate, dot, least);
        }
    }
    for &candidate in rest {
        let (row, code) = pair(level, rows, candidate);
        offer(level, candidate, unsafe { K::dot(row, code) }, least);
    }
}

/// The residual and the code of a candidate.
#[inline(always)]
fn pair<'a>(level: &'a Level, rows: &'a [[f32; CHUNK]], candidate: u64) -> Pair<'a> {
    let (row, code) = ((candidate >> 32) as usize, candidate as u32 as usize);
    (&rows[row * level.chunks..][..level.chunks], level.code(code))
}

/// Keeps the two least keys of the candidate's row.
#[inline(always)]
fn offer(level: &Level, candidate: u64, dot: f32, least: &mut [[u64; 2]]) {
    let (row, code) = ((candidate >> 32) as usize, candidate as u32);
    let key = key(level.half_norms[code as usize] - dot, code);
    let [first, second] = least[row];
    let (less, more) = select_unpredictable(key < first, (key, first), (first, key));
    least[row] = [less, select_unpredictable(more < second, more, second)];
}

/// Ordered as the scores are, and by codes, or whatever else is numbered, where they are equal.
#[inline(always)]
pub(super) fn key(score: f32, code: u32) -> u64 {
    let bits = score.to_bits();
    let ordered = bits ^ (((bits as i32) >> 31) as u32 | (1 << 31));
    (u64::from(ordered) << 32) | u64::from(code)
}

/// The score of a [`key`].
#[inline(always)]
pub(super) fn score(key: u64) -> f32 {
    let ordered = (key >> 32) as u32;
    f32::from_bits(ordered ^ (!((ordered as i32) >> 31) as u32 | (1 << 31)))
}
