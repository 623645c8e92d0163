//! Plain loops over arrays, which the compiler vectorises for NEON and SSE2. The other kernels are tested against them.

use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP};
use super::products;
use super::rounding::RoundedCodebook;
use crate::compute::cpu::simd::{ROUND_TO_INTEGER, multiply_add};

/// Any processor.
pub struct Portable;

/// Codes in a block.
const BLOCK: usize = 16;
/// Sums that are computed side by side.
const LANES: usize = 8;

impl Kernels for Portable {
    const PER_WORD: usize = 1;
    const BLOCK: usize = BLOCK;
    const ROWS: usize = 4;
    const SHIFT: i16 = 0;

    #[inline(always)]
    unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
        let (mut squares, mut largest) = ([0.0f32; LANES], [0.0f32; LANES]);
        for values in row.as_flattened().as_chunks::<LANES>().0 {
            for t in 0..LANES {
                squares[t] += values[t] * values[t];
                largest[t] = if values[t].abs() > largest[t] { values[t].abs() } else { largest[t] };
            }
        }
        (squares.iter().sum(), largest.iter().fold(0.0, |m, v| if *v > m { *v } else { m }))
    }

    #[inline(always)]
    unsafe fn round_chunk(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32 {
        let mut squared_error = 0.0;
        for (value, slot) in chunk.iter().zip(into) {
            let scaled = value * inverse;
            let rounded = (scaled + ROUND_TO_INTEGER) - ROUND_TO_INTEGER;
            squared_error += (scaled - rounded) * (scaled - rounded);
            *slot = rounded as i32;
        }
        squared_error
    }

    #[inline(always)]
    unsafe fn scores(
        codebook: &RoundedCodebook,
        rows: &[i32],
        factors: &[i16; GROUP],
        second: bool,
        scores: &mut [i16],
    ) -> [i16; GROUP] {
        multiply_and_finish(codebook, rows, factors, scores, Self::ROWS, multiply, |scores, norms, factor| {
            let greatest = subtract_norms(scores, norms, factor);
            if second { greatest.1 } else { greatest.0 }
        })
    }

    #[inline(always)]
    unsafe fn at_least(scores: &[i16], limit: i16, mask: &mut [u64]) {
        for (word, scores) in mask.iter_mut().zip(scores.chunks(64)) {
            *word = scores.iter().enumerate().fold(0, |word, (t, score)| word | u64::from(*score >= limit) << t);
        }
    }

    #[inline(always)]
    unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
        let mut sums = [0.0f32; LANES];
        for (a, b) in a.as_flattened().as_chunks::<LANES>().0.iter().zip(b.as_flattened().as_chunks::<LANES>().0) {
            for t in 0..LANES {
                sums[t] = multiply_add::<{ cfg!(target_arch = "aarch64") }>(a[t], b[t], sums[t]);
            }
        }
        sums.iter().sum()
    }

    #[inline(always)]
    unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; products::LANES] {
        add_rows(base, rows, into)
    }

    #[inline(always)]
    unsafe fn nth_greatest(values: &[i16; products::LANES], n: usize) -> i16 {
        nth_greatest(values, n)
    }

    #[inline(always)]
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32 {
        let mut squares = [0.0f32; LANES];
        let row = row.as_flattened_mut().as_chunks_mut::<LANES>().0;
        for (r, c) in row.iter_mut().zip(code.as_flattened().as_chunks::<LANES>().0) {
            for t in 0..LANES {
                r[t] -= c[t];
                squares[t] += r[t] * r[t];
            }
        }
        squares.iter().sum()
    }
}

/// [`Kernels::scores`] in two steps: `multiply` writes the products of `tile` rows with all codes, then `finish` subtracts the
/// norms from each row and returns its best score.
#[inline(always)]
pub fn multiply_and_finish(
    codebook: &RoundedCodebook,
    rows: &[i32],
    factors: &[i16; GROUP],
    scores: &mut [i16],
    tile: usize,
    multiply: impl Fn(&RoundedCodebook, &[i32], &mut [i16]),
    finish: impl Fn(&mut [i16], &[i16], i16) -> i16,
) -> [i16; GROUP] {
    let (padded, mut best) = (codebook.offsets.len(), [0; GROUP]);
    let tiles = rows.chunks_exact(tile * codebook.row_words).zip(scores.chunks_exact_mut(tile * padded));
    for ((rows, scores), (factors, best)) in tiles.zip(factors.chunks(tile).zip(best.chunks_mut(tile))) {
        multiply(codebook, rows, scores);
        for ((scores, factor), best) in scores.chunks_exact_mut(padded).zip(factors).zip(best) {
            *best = finish(scores, &codebook.norms, *factor);
        }
    }
    best
}

/// Products of `ROWS` rows.
fn multiply(codebook: &RoundedCodebook, rows: &[i32], scores: &mut [i16]) {
    let rows = rows.as_chunks::<CHUNK>().0.as_chunks::<{ Portable::ROWS }>().0;
    let stride = codebook.offsets.len();
    let blocks = codebook.codes().chunks_exact(rows.len() * CHUNK * BLOCK).zip(codebook.offsets.as_chunks::<BLOCK>().0);
    for (b, (block, offsets)) in blocks.enumerate() {
        let mut sums = [*offsets; Portable::ROWS];
        for (rows, block) in rows.iter().zip(block.chunks_exact(CHUNK * BLOCK)) {
            for (d, codes) in block.as_chunks::<BLOCK>().0.iter().enumerate().take(CHUNK) {
                for (sums, row) in sums.iter_mut().zip(rows) {
                    for (sum, c) in sums.iter_mut().zip(codes) {
                        *sum = sum.wrapping_add((row[d] as i16).wrapping_mul(i16::from(*c)));
                    }
                }
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            scores[row * stride + b * BLOCK..][..BLOCK].copy_from_slice(sums);
        }
    }
}

/// Subtracts norms from a row's scores; returns the two greatest.
fn subtract_norms(scores: &mut [i16], norms: &[i16], factor: i16) -> (i16, i16) {
    for (score, norm) in scores.iter_mut().zip(norms) {
        let half_norm = (i32::from(*norm) * i32::from(factor) + (1 << 14)) >> 15;
        *score = score.saturating_sub(half_norm as i16);
    }
    two_greatest(scores)
}

/// The two greatest scores.
pub fn two_greatest(scores: &[i16]) -> (i16, i16) {
    scores.iter().fold((i16::MIN, i16::MIN), |(first, second), &score| (first.max(score), second.max(first.min(score))))
}

/// [`Kernels::add_rows`].
#[inline(always)]
pub fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; products::LANES] {
    let mut lanes = [i16::MIN; products::LANES];
    into.fill(base);
    rows.iter().for_each(|row| products::add_to(into, row));
    products::greatest_of_lanes(into, &mut lanes);
    lanes
}

/// [`Kernels::nth_greatest`], for any number of values.
pub fn nth_greatest(values: &[i16], n: usize) -> i16 {
    let mut sorted = values.to_vec();
    *sorted.select_nth_unstable_by(n - 1, |a, b| b.cmp(a)).1
}
