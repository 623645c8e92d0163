//! Beam search over levels: the codes that may follow the best chains are screened in 16 bits and scored again in f32.
//!
//! A code's score after a chain is `⟨r, c⟩ − ½‖c‖²`, where `r = x − Σ_j c_j` is the residual of the row `x` after the codes of
//! the chain. That is `(⟨x, c⟩ − ½‖c‖²) − Σ_j ⟨c_j, c⟩`: the first part comes from one matrix product for all chains, the
//! others from tables that are made once (the "LUT" of Faiss' residual quantizer). In 16 bits a vector adds sixteen of them
//! at a time. Every rounding is accounted for, so a code that scores lower than the `width`-th best by more than twice the
//! sum of these errors cannot be among the best. The others, about six of 1,280, are scored again in f32, by their own
//! product with `r`.

use std::mem::swap;

use super::candidates::{Packing, append_candidates, score, sort_key};
use super::kernels::Kernels;
use super::layout::CHUNK;
use super::level::Level;
use super::portable;
use super::products::{CodeProducts, LANES, greatest_of_lanes};
use crate::compute::cpu::simd::ROUND_TO_INTEGER;
use crate::engine::cpu::quantize::Choice;

/// Inputs of a beam search.
#[derive(Debug, Clone, Copy)]
pub struct BeamSearch<'a> {
    /// The codebooks.
    pub levels: &'a [Level],
    /// The products of their codes.
    pub products: &'a CodeProducts,
    /// Number of chains that are followed.
    pub width: usize,
}

/// Buffers of a search, reused from batch to batch.
#[derive(Debug, Clone, Default)]
pub struct BeamScratch {
    chains: Chains,
    next: Chains,
    /// Twice the largest error of each row's scores, in units; `None` where 16 bits do not hold them.
    slacks: Vec<Option<i16>>,
    /// `[stride]`: scores without a chain, in 16 bits.
    row_scores: Vec<i16>,
    /// `[width][stride]`: scores after each chain.
    scores: Vec<i16>,
    /// The greatest score of each lane.
    lanes: Vec<i16>,
    /// A bit for each of `scores`.
    mask: Vec<u64>,
    /// See [`append_candidates`].
    nonzero: Vec<(u64, usize)>,
    /// Positions in `scores` of the codes that may follow; unused beyond.
    candidates: Vec<usize>,
    /// [`sort_key`]s of the best of them.
    best: Vec<u64>,
}

/// The best chains of each row, the best first.
#[derive(Debug, Clone, Default)]
struct Chains {
    /// `Σ_l (½‖c_l‖² − ⟨r_l, c_l⟩)`: `[rows][width]`.
    costs: Vec<f32>,
    /// The codes so far, and the squared norm of the residual after each: `[levels][rows][width]`.
    steps: Vec<(u32, f32)>,
    /// `[rows][width][chunks]`.
    residuals: Vec<[f32; CHUNK]>,
}

impl BeamSearch<'_> {
    /// See [`super::best_chains`].
    ///
    /// # Safety
    /// The processor has the instruction set of `K`.
    #[inline(always)]
    pub(super) unsafe fn run<K: Kernels>(
        &self,
        rows: &[[f32; CHUNK]],
        scores: &[f32],
        scratch: &mut BeamScratch,
        choices: &mut Vec<Choice>,
    ) {
        let (levels, stride) = (self.levels.len(), self.products.stride);
        let count = rows.len() / self.levels[0].chunks;
        // SAFETY: the caller's promise; so below.
        unsafe { self.start::<K>(rows, scratch) };
        let mut chains = 1;
        for (l, level) in self.levels.iter().enumerate() {
            // After the last level only the best chain is needed.
            let kept = if l + 1 == levels { 1 } else { self.width.min(chains * level.half_norms.len()) };
            for row in 0..count {
                let row_scores = &scores[(row * levels + l) * stride..][..stride];
                let found = unsafe { self.screen::<K>(l, row, chains, kept, row_scores, scratch) };
                match level.chunks {
                    1 => unsafe { self.extend::<K, 1>(l, row, found, kept, scratch) },
                    _ => unsafe { self.extend::<K, 0>(l, row, found, kept, scratch) },
                }
            }
            swap(&mut scratch.chains, &mut scratch.next);
            chains = kept;
        }
        for row in 0..count {
            let steps = scratch.chains.steps[row * self.width..].iter().step_by(count * self.width);
            choices.extend(steps.map(|&(code, square)| Choice { code, residual_norm: square.sqrt(), margin: 0.0 }));
        }
    }

    /// One chain without a code for each row.
    #[inline(always)]
    unsafe fn start<K: Kernels>(&self, rows: &[[f32; CHUNK]], scratch: &mut BeamScratch) {
        let (width, chunks, stride) = (self.width, self.levels[0].chunks, self.products.stride);
        let count = rows.len() / chunks;
        for chains in [&mut scratch.chains, &mut scratch.next] {
            chains.costs.resize(count * width, 0.0);
            chains.steps.resize(self.levels.len() * count * width, (0, 0.0));
            chains.residuals.resize(count * width * chunks, [0.0; CHUNK]);
        }
        scratch.row_scores.resize(stride, 0);
        scratch.scores.resize(width * stride, 0);
        scratch.mask.resize((width * stride).div_ceil(64), 0);
        scratch.nonzero.resize((width * stride).div_ceil(64) + 1, (0, 0));
        scratch.candidates.resize(width * stride + 2, 0);
        scratch.best.resize(width, 0);
        scratch.slacks.clear();
        for (row, values) in rows.chunks_exact(chunks).enumerate() {
            scratch.chains.costs[row * width] = 0.0;
            scratch.chains.residuals[row * width * chunks..][..chunks].copy_from_slice(values);
            // SAFETY: the caller's promise.
            scratch.slacks.push(self.products.slack(unsafe { K::dot(values, values) }.sqrt()));
        }
    }

    /// Lists every code of level `l` that may be among the `kept` best after the first `chains` chains of a row; returns how
    /// many there are.
    #[inline(always)]
    unsafe fn screen<K: Kernels>(
        &self,
        l: usize,
        row: usize,
        chains: usize,
        kept: usize,
        row_scores: &[f32],
        scratch: &mut BeamScratch,
    ) -> usize {
        let stride = self.products.stride;
        let costs = &scratch.chains.costs[row * self.width..][..chains];
        let scores = &mut scratch.scores[..chains * stride];
        let (mut in_range, mut greatest, per_unit) = (true, [i16::MIN; LANES], 1.0 / self.products.units[l]);
        round(row_scores, &mut scratch.row_scores);
        for (b, (scores, cost)) in scores.chunks_exact_mut(stride).zip(costs).enumerate() {
            let behind = (cost - costs[0]) * per_unit;
            in_range &= behind <= CodeProducts::FARTHEST;
            // SAFETY: the caller's promise; so below.
            let chain = |j: usize| scratch.chains.steps[j * scratch.chains.costs.len() + row * self.width + b].0;
            let lanes = unsafe { self.products.add_chain::<K>(l, chain, nearest_integer(-behind), &scratch.row_scores, scores) };
            greatest.iter_mut().zip(lanes).for_each(|(greatest, lane)| *greatest = (*greatest).max(lane));
        }
        if let (Some(slack), true) = (scratch.slacks[row], in_range) {
            let best = if kept <= LANES / 2 {
                unsafe { K::nth_greatest(&greatest, kept) }
            } else {
                nth_of_lanes(scores, kept, &mut scratch.lanes)
            };
            let limit = best.saturating_sub(slack);
            // Padding has the least score there is, so this leaves it out.
            unsafe { K::at_least(scores, limit.max(i16::MIN + 1), &mut scratch.mask) };
            let mask = &scratch.mask[..scores.len().div_ceil(64)];
            let found = append_candidates(0, mask, &mut scratch.nonzero, &mut scratch.candidates, 0);
            if found >= kept {
                return found;
            }
        }
        let codes = self.levels[l].half_norms.len();
        let all = (0..chains).flat_map(|b| (0..codes).map(move |code| b * stride + code));
        scratch.candidates.iter_mut().zip(all).for_each(|(candidate, position)| *candidate = position);
        chains * codes
    }

    /// Makes the `kept` best of a row's first `found` candidates the chains of the next level.
    ///
    /// `CHUNKS` are those of a row, or 0 where the compiler does not know them.
    #[inline(always)]
    unsafe fn extend<K: Kernels, const CHUNKS: usize>(
        &self,
        l: usize,
        row: usize,
        found: usize,
        kept: usize,
        scratch: &mut BeamScratch,
    ) {
        let (level, first) = (&self.levels[l], row * self.width);
        let chunks = if CHUNKS > 0 { CHUNKS } else { level.chunks };
        let codes = &level.codes[..chunks * level.half_norms.len()];
        let packing = Packing::new(self.products.stride);
        let BeamScratch { chains, next, candidates, best, .. } = scratch;
        let (candidates, best) = (&candidates[..found], &mut best[..kept]);
        let (costs, residuals) = (&chains.costs[first..], &chains.residuals[first * chunks..]);
        best.fill(u64::MAX);
        for (i, &candidate) in candidates.iter().enumerate() {
            let (chain, code) = packing.unpack(candidate);
            // SAFETY: the caller's promise; so below.
            let dot = unsafe { K::dot(&residuals[chain * chunks..][..chunks], &codes[code * chunks..][..chunks]) };
            insert(best, sort_key(costs[chain] + (level.half_norms[code] - dot), i as u32));
        }
        let new_residuals = next.residuals[first * chunks..].chunks_exact_mut(chunks);
        for (b, (best, new_residual)) in best.iter().zip(new_residuals).enumerate() {
            let (chain, code) = packing.unpack(candidates[*best as u32 as usize]);
            let mut square = 0.0;
            let (residual, code_chunks) = (&residuals[chain * chunks..][..chunks], &codes[code * chunks..][..chunks]);
            for (c, chunk) in new_residual.iter_mut().enumerate() {
                *chunk = residual[c];
                square += unsafe { K::subtract(std::slice::from_mut(chunk), std::slice::from_ref(&code_chunks[c])) };
            }
            let count = chains.costs.len();
            for j in 0..l {
                next.steps[j * count + first + b] = chains.steps[j * count + first + chain];
            }
            next.steps[l * count + first + b] = (code as u32, square);
            next.costs[first + b] = score(*best);
        }
    }
}

/// The nearest integers of values that 16 bits hold.
#[inline(always)]
fn round(values: &[f32], into: &mut [i16]) {
    for (values, into) in values.as_chunks::<LANES>().0.iter().zip(into.as_chunks_mut::<LANES>().0) {
        values.iter().zip(into).for_each(|(value, into)| *into = nearest_integer(*value));
    }
}

/// The nearest integer, if 16 bits hold it.
#[inline(always)]
fn nearest_integer(value: f32) -> i16 {
    (value + ROUND_TO_INTEGER).to_bits() as i16
}

/// A lower bound of the `n` greatest of `values`, if there are as many: the `n`-th greatest of the maxima of at least `2n`
/// lanes.
fn nth_of_lanes(values: &[i16], n: usize, lanes: &mut Vec<i16>) -> i16 {
    lanes.clear();
    lanes.resize(2 * n.next_power_of_two(), i16::MIN);
    greatest_of_lanes(values, lanes);
    portable::nth_greatest(lanes, n)
}

/// Inserts a key into the sorted `least` keys, from which the greatest drops out.
#[inline(always)]
fn insert(least: &mut [u64], mut key: u64) {
    for slot in least {
        (*slot, key) = ((*slot).min(key), (*slot).max(key));
    }
}
