//! The search for the nearest code: candidates are screened in 16 bits and scored again in f32.

use super::candidates::{Packing, append_candidates, score, sort_key};
use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP, RowPair};
use super::level::Level;
use super::rounding::Scales;

/// The nearest code of one residual.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Nearest {
    /// Its index, the lowest on a tie.
    pub code: u32,
    /// `½‖c‖² − ⟨r, c⟩` of it, if margins were asked for; otherwise 0.
    pub score: f32,
    /// The same of the runner-up, if margins were asked for; infinite in a codebook of one.
    pub second_score: f32,
    /// `‖r − c‖²`.
    pub squared_distance: f32,
}

/// Groups of rows whose candidates are scored together: their residuals stay in the first-level cache.
const GROUPS: usize = 12;
/// The [`sort_key`] of an infinite score, without a code.
const FARTHEST: u64 = 0xFF80_0000 << 32;

/// Buffers of a search, reused from level to level.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// `[GROUPS][GROUP / ROWS][stride / CHUNK][ROWS][CHUNK / PER_WORD]`: see [`Kernels::round_chunk`].
    rows: Vec<i32>,
    /// `[GROUPS]`.
    scales: Vec<Scales>,
    /// `[GROUP][codes, padded to blocks]`.
    scores: Vec<i16>,
    /// `[GROUP][words of a row]`: a bit for each code that may be the nearest.
    mask: Vec<u64>,
    /// See [`append_candidates`].
    nonzero: Vec<(u64, usize)>,
    /// The codes that may be the nearest of the rows that are scored together, as [`Packing`] packs them; unused beyond.
    candidates: Vec<usize>,
    /// `[GROUPS · GROUP]`: the two least [`sort_key`]s of each of these rows.
    least: Vec<[u64; 2]>,
}

/// See [`super::nearest`]. `CHUNKS` are those of a row, or 0 where the compiler does not know them.
///
/// Each step runs over many rows before the next step begins, and no step branches on what cannot be predicted: the
/// operations of one row wait for each other, and meanwhile those of other rows are done.
///
/// # Safety
/// The processor has the instruction set of `K`.
#[inline(always)]
pub(super) unsafe fn nearest<K: Kernels, const CHUNKS: usize>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    nearest: &mut Vec<Nearest>,
) {
    let chunks = if CHUNKS > 0 { CHUNKS } else { level.chunks };
    let codes = level.half_norms.len();
    // Whole words of the mask.
    let stride = codes.next_power_of_two().max(64);
    let (packing, words) = (Packing::new(stride), GROUP * (stride / 64));
    scratch.rows.resize(GROUPS * GROUP * chunks * (CHUNK / K::PER_WORD), 0);
    scratch.scales.resize(GROUPS, Scales::default());
    scratch.scores.resize(GROUP * level.rounded.offsets.len(), 0);
    scratch.mask.clear();
    scratch.mask.resize(words, 0);
    scratch.nonzero.resize(words + 1, (0, 0));
    scratch.candidates.resize(GROUPS * GROUP * codes + 2, 0);
    scratch.least.resize(GROUPS * GROUP, [FARTHEST; 2]);
    for rows in residuals.chunks_mut(GROUPS * GROUP * chunks) {
        let count = rows.len() / chunks;
        // SAFETY: the caller's promise; so below.
        unsafe { round::<K>(level, chunks, rows, scratch) };
        let mut found = 0;
        for first in (0..count).step_by(GROUP) {
            found = unsafe { screen::<K>(level, packing, first, GROUP.min(count - first), margins, found, scratch) };
        }
        let least = &mut scratch.least[..count];
        least.fill([FARTHEST; 2]);
        unsafe { score_candidates::<K>(level, chunks, packing, rows, &scratch.candidates[..found], margins, least) };
        let done = nearest.len();
        nearest.resize(done + count, Nearest::default());
        for ((row, &mut [first, second]), nearest) in rows.chunks_exact_mut(chunks).zip(least).zip(&mut nearest[done..]) {
            nearest.code = first as u32;
            nearest.squared_distance = unsafe { K::subtract(row, &level.codes[nearest.code as usize * chunks..][..chunks]) };
            if margins {
                (nearest.score, nearest.second_score) = (score(first), score(second));
            }
        }
    }
}

/// Rounds residuals to bytes.
#[inline(always)]
unsafe fn round<K: Kernels>(level: &Level, chunks: usize, residuals: &[[f32; CHUNK]], scratch: &mut Scratch) {
    let row_words = chunks * (CHUNK / K::PER_WORD);
    let groups = residuals.chunks(GROUP * chunks);
    let scales = &mut scratch.scales[..groups.len()];
    for (scales, group) in scales.iter_mut().zip(groups.clone()) {
        for (r, row) in group.chunks_exact(chunks).enumerate() {
            // SAFETY: the caller's promise; so below.
            (scales.squared_norm[r], scales.largest[r]) = unsafe { K::magnitude(row) };
        }
    }
    for scales in scales.iter_mut() {
        level.rounded.set_units(scales);
    }
    for ((scales, group), rows) in scales.iter_mut().zip(groups).zip(scratch.rows.chunks_exact_mut(GROUP * row_words)) {
        for (r, row) in group.chunks_exact(chunks).enumerate() {
            let tile = &mut rows[r / K::ROWS * K::ROWS * row_words..][..K::ROWS * row_words];
            let mut squared_error = 0.0;
            for (chunk, tile) in row.iter().zip(tile.chunks_exact_mut(K::ROWS * (CHUNK / K::PER_WORD))) {
                let into = &mut tile[r % K::ROWS * (CHUNK / K::PER_WORD)..][..CHUNK / K::PER_WORD];
                squared_error += unsafe { K::round_chunk(chunk, scales.inverse_unit[r], into) };
            }
            scales.squared_error[r] = squared_error;
        }
    }
    for scales in scales.iter_mut() {
        level.rounded.set_slacks(scales);
    }
}

/// Appends every code that may be the nearest of a row of a group, or the second nearest for `margins`, to the first
/// `found` candidates; returns how many there are then. `first` is the group's first row, `count` its number of rows.
#[inline(always)]
unsafe fn screen<K: Kernels>(
    level: &Level,
    packing: Packing,
    first: usize,
    count: usize,
    margins: bool,
    found: usize,
    scratch: &mut Scratch,
) -> usize {
    let (rounded, codes) = (&level.rounded, level.half_norms.len());
    let Scratch { rows, scales, scores, mask, nonzero, candidates, .. } = scratch;
    let rows = &rows[first * rounded.row_words..][..count.next_multiple_of(K::ROWS) * rounded.row_words];
    let scales = &scales[first / GROUP];
    // SAFETY: the caller's promise; so below.
    let best = unsafe { K::scores(rounded, rows, &scales.norm_factor, margins, scores) };
    let mask_words = packing.first(1) / 64;
    let rows = scores.chunks_exact(rounded.offsets.len()).zip(mask.chunks_exact_mut(mask_words)).take(count);
    for (r, (scores, mask)) in rows.enumerate() {
        unsafe { K::at_least(&scores[..codes], best[r].saturating_sub(scales.slack[r]), mask) };
    }
    append_candidates(packing.first(first), &mask[..count * mask_words], nonzero, candidates, found)
}

/// Scores candidates in f32, and keeps the two least keys of each row; without `margins` only the least.
///
/// Always four at a time, the last ones too, so that a candidate's score does not depend on the others.
#[inline(always)]
unsafe fn score_candidates<K: Kernels>(
    level: &Level,
    chunks: usize,
    packing: Packing,
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
        let pair = |candidate: usize| -> RowPair<'_> {
            let (row, code) = packing.unpack(candidate);
            (&rows[row * chunks..][..chunks], &level.codes[code * chunks..][..chunks])
        };
        // SAFETY: the caller's promise.
        let dots = unsafe { K::dots([pair(four[0]), pair(four[1]), pair(four[2]), pair(four[3])]) };
        for (&candidate, dot) in four.iter().zip(dots).take(count) {
            let (row, code) = packing.unpack(candidate);
            let key = sort_key(level.half_norms[code] - dot, code as u32);
            let [first, second] = &mut least[row];
            if margins {
                *second = (*second).min(key.max(*first));
            }
            *first = key.min(*first);
        }
    }
}
