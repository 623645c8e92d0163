//! The search for the nearest code: screened in 16 bits, settled in f32.

use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP, Pair};
use super::level::Level;
use super::rounding::Scales;

/// The nearest code of one residual.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Found {
    /// Its index, the lowest on a tie.
    pub code: u32,
    /// `½‖c‖² − ⟨r, c⟩` of it, if margins were asked for; or 0.
    pub score: f32,
    /// The same of the runner-up, if margins were asked for; infinite in a codebook of one.
    pub second: f32,
    /// `‖r − c‖²`.
    pub left: f32,
}

/// Groups of rows that are settled together: their residuals stay in the first-level cache.
const GROUPS: usize = 12;
/// The [`key`] of an infinite score, less the code.
const FARTHEST: u64 = 0xFF80_0000 << 32;

/// Buffers of a search, used again from level to level.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// `[GROUPS][GROUP / ROWS][stride / CHUNK][ROWS][CHUNK / PAIR]`: see [`Kernels::spread`].
    rows: Vec<i32>,
    /// `[GROUPS]`.
    scales: Vec<Scales>,
    /// `[GROUP][codes, padded to blocks]`.
    scores: Vec<i16>,
    /// `[GROUP][words of a row]`: a bit for each code that may be the nearest.
    words: Vec<u64>,
    /// See [`mark`].
    occupied: Vec<(u64, usize)>,
    /// The codes that may be the nearest of the rows that are settled together, as [`Places`]; then room.
    candidates: Vec<usize>,
    /// `[GROUPS · GROUP]`: the two least [`key`]s of each of these rows.
    least: Vec<[u64; 2]>,
}

/// Which of some rows and which code, in one number: rows are a power of two apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    shift: u32,
    /// Of the code.
    mask: usize,
}

impl Places {
    /// Of rows of `stride` codes, a power of two.
    pub(super) fn new(stride: usize) -> Self {
        Self { shift: stride.trailing_zeros(), mask: stride - 1 }
    }

    /// The first of a row.
    #[inline(always)]
    fn first(self, row: usize) -> usize {
        row << self.shift
    }

    /// The row and the code.
    #[inline(always)]
    pub(super) fn at(self, place: usize) -> (usize, usize) {
        (place >> self.shift, place & self.mask)
    }
}

/// See [`super::nearest`]. `CHUNKS` are those of a row, or 0 where the compiler does not know them.
///
/// In small steps over many rows, and none of them branches where the way cannot be foreseen: each waits for the one
/// before, so what one row waits for is done for the others meanwhile.
///
/// # Safety
/// The processor has the instruction set of `K`.
#[inline(always)]
pub(super) unsafe fn nearest<K: Kernels, const CHUNKS: usize>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    found: &mut Vec<Found>,
) {
    let chunks = if CHUNKS > 0 { CHUNKS } else { level.chunks };
    let codes = level.half_norms.len();
    // Whole words.
    let stride = codes.next_power_of_two().max(64);
    let (places, words) = (Places::new(stride), GROUP * (stride / 64));
    scratch.rows.resize(GROUPS * GROUP * chunks * (CHUNK / K::PAIR), 0);
    scratch.scales.resize(GROUPS, Scales::default());
    scratch.scores.resize(GROUP * level.screen.starts.len(), 0);
    scratch.words.clear();
    scratch.words.resize(words, 0);
    scratch.occupied.resize(words + 1, (0, 0));
    scratch.candidates.resize(GROUPS * GROUP * codes + 2, 0);
    scratch.least.resize(GROUPS * GROUP, [FARTHEST; 2]);
    for rows in residuals.chunks_mut(GROUPS * GROUP * chunks) {
        let count = rows.len() / chunks;
        // SAFETY: the caller's promise; so below.
        unsafe { round::<K>(level, chunks, rows, scratch) };
        let mut marked = 0;
        for first in (0..count).step_by(GROUP) {
            marked = unsafe { screen::<K>(level, places, first, GROUP.min(count - first), margins, marked, scratch) };
        }
        let least = &mut scratch.least[..count];
        least.fill([FARTHEST; 2]);
        unsafe { settle::<K>(level, chunks, places, rows, &scratch.candidates[..marked], margins, least) };
        let done = found.len();
        found.resize(done + count, Found::default());
        for ((row, &mut [first, second]), found) in rows.chunks_exact_mut(chunks).zip(least).zip(&mut found[done..]) {
            found.code = first as u32;
            found.left = unsafe { K::subtract(row, &level.codes[found.code as usize * chunks..][..chunks]) };
            if margins {
                (found.score, found.second) = (score(first), score(second));
            }
        }
    }
}

/// Rounds residuals to bytes.
#[inline(always)]
unsafe fn round<K: Kernels>(level: &Level, chunks: usize, residuals: &[[f32; CHUNK]], scratch: &mut Scratch) {
    let numbers = chunks * (CHUNK / K::PAIR);
    let groups = residuals.chunks(GROUP * chunks);
    let scales = &mut scratch.scales[..groups.len()];
    for (scales, group) in scales.iter_mut().zip(groups.clone()) {
        for (r, row) in group.chunks_exact(chunks).enumerate() {
            // SAFETY: the caller's promise; so below.
            (scales.square[r], scales.largest[r]) = unsafe { K::magnitude(row) };
        }
    }
    for scales in scales.iter_mut() {
        level.screen.set_units(scales);
    }
    for ((scales, group), rows) in scales.iter_mut().zip(groups).zip(scratch.rows.chunks_exact_mut(GROUP * numbers)) {
        for (r, row) in group.chunks_exact(chunks).enumerate() {
            let tile = &mut rows[r / K::ROWS * K::ROWS * numbers..][..K::ROWS * numbers];
            let mut left = 0.0;
            for (chunk, tile) in row.iter().zip(tile.chunks_exact_mut(K::ROWS * (CHUNK / K::PAIR))) {
                let into = &mut tile[r % K::ROWS * (CHUNK / K::PAIR)..][..CHUNK / K::PAIR];
                left += unsafe { K::spread(chunk, scales.inverse[r], into) };
            }
            scales.left[r] = left;
        }
    }
    for scales in scales.iter_mut() {
        level.screen.set_slacks(scales);
    }
}

/// Adds every code that may be the nearest of a row of a group, or the second for `margins`, to the `marked` candidates
/// that there are; returns how many there are then. `first`: the group's first row; `count`: how many of its rows are
/// there.
#[inline(always)]
unsafe fn screen<K: Kernels>(
    level: &Level,
    places: Places,
    first: usize,
    count: usize,
    margins: bool,
    marked: usize,
    scratch: &mut Scratch,
) -> usize {
    let (screen, codes) = (&level.screen, level.half_norms.len());
    let Scratch { rows, scales, scores, words, occupied, candidates, .. } = scratch;
    let rows = &rows[first * screen.pairs..][..count.next_multiple_of(K::ROWS) * screen.pairs];
    let scales = &scales[first / GROUP];
    // SAFETY: the caller's promise; so below.
    let best = unsafe { K::scores(screen, rows, &scales.factor, margins, scores) };
    let a_row = places.first(1) / 64;
    let rows = scores.chunks_exact(screen.starts.len()).zip(words.chunks_exact_mut(a_row)).take(count);
    for (r, (scores, words)) in rows.enumerate() {
        unsafe { K::at_least(&scores[..codes], best[r].saturating_sub(scales.slack[r]), words) };
    }
    mark(places.first(first), &words[..count * a_row], occupied, candidates, marked)
}

/// Appends a candidate, `from` and its place, for each set bit of `words`, to the `marked` that there are; returns how
/// many there are then.
///
/// How many bits are set cannot be foreseen. So every word is written to `occupied`, and over it the next, if it holds
/// none; and of the others two candidates are written always.
#[inline(always)]
pub(super) fn mark(
    from: usize,
    words: &[u64],
    occupied: &mut [(u64, usize)],
    candidates: &mut [usize],
    mut marked: usize,
) -> usize {
    let mut count = 0;
    for (p, &word) in words.iter().enumerate() {
        occupied[count] = (word, from + 64 * p);
        count += usize::from(word != 0);
    }
    for &(mut word, place) in &occupied[..count] {
        while word != 0 {
            let slots = &mut candidates[marked..][..2];
            slots[0] = place + word.trailing_zeros() as usize;
            word &= word - 1;
            slots[1] = place + word.trailing_zeros() as usize;
            marked += 1 + usize::from(word != 0);
            word &= word.wrapping_sub(1);
        }
    }
    marked
}

/// Scores candidates in f32, and keeps the two least keys of each row; without `margins` the least.
///
/// Always four at a time: what a candidate's score is must not hang on the others.
#[inline(always)]
unsafe fn settle<K: Kernels>(
    level: &Level,
    chunks: usize,
    places: Places,
    rows: &[[f32; CHUNK]],
    candidates: &[usize],
    margins: bool,
    least: &mut [[u64; 2]],
) {
    let (fours, rest) = candidates.as_chunks::<4>();
    let mut last = [rest.last().copied().unwrap_or(0); 4];
    last[..rest.len()].copy_from_slice(rest);
    let fours = fours.iter().map(|four| (four, 4)).chain([(&last, rest.len())]);
    for (four, count) in fours {
        let pair = |place: usize| -> Pair<'_> {
            let (row, code) = places.at(place);
            (&rows[row * chunks..][..chunks], &level.codes[code * chunks..][..chunks])
        };
        // SAFETY: the caller's promise.
        let dots = unsafe { K::dots([pair(four[0]), pair(four[1]), pair(four[2]), pair(four[3])]) };
        for (&place, dot) in four.iter().zip(dots).take(count) {
            let (row, code) = places.at(place);
            let key = key(level.half_norms[code] - dot, code as u32);
            let [first, second] = &mut least[row];
            if margins {
                *second = (*second).min(key.max(*first));
            }
            *first = key.min(*first);
        }
    }
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
