//! Beam search over levels: the codes that may follow the best chains, screened in 16 bits and settled in f32.
//!
//! A code's score after a chain is `⟨r, c⟩ − ½‖c‖²`, with what the chain leaves of the row, `r = x − Σ_j c_j`: that is
//! `(⟨x, c⟩ − ½‖c‖²) − Σ_j ⟨c_j, c⟩`, the first part from one matrix product for all chains, the others from tables made
//! once (the "LUT" of Faiss' residual quantizer). In 16 bits a vector adds sixteen of them at a time. Every rounding is
//! accounted for, so no code that scores lower than the `width`-th best by more than twice their sum can be among the
//! best: what is left, six or so of 1,280, is scored again in f32, by its own product with `r`.

use std::mem::swap;

use super::kernels::Kernels;
use super::layout::CHUNK;
use super::level::Level;
use super::portable;
use super::products::{LANES, Products, greatest_of_lanes};
use super::search::{Places, key, mark, score};
use crate::engine::cpu::quantize::Choice;

/// What a search reads.
#[derive(Debug, Clone, Copy)]
pub struct BeamSearch<'a> {
    /// The codebooks.
    pub levels: &'a [Level],
    /// Made of them.
    pub products: &'a Products,
    /// Chains that are followed.
    pub width: usize,
}

/// Buffers of a search, used again from batch to batch.
#[derive(Debug, Clone, Default)]
pub struct Beams {
    chains: Chains,
    next: Chains,
    /// By how many units a row's scores may be off, twice, if they can be screened.
    slacks: Vec<Option<i16>>,
    /// `[stride]`: scores without a chain, in 16 bits.
    own: Vec<i16>,
    /// `[width][stride]`: after it.
    scores: Vec<i16>,
    /// The best of each lane.
    lanes: Vec<i16>,
    /// A bit for each of `scores`.
    words: Vec<u64>,
    /// See [`mark`].
    occupied: Vec<(u64, usize)>,
    /// Places in `scores` of codes that may follow; then room.
    candidates: Vec<usize>,
    /// [`key`]s of the best of them.
    best: Vec<u64>,
}

/// The best chains of each row, the best first.
#[derive(Debug, Clone, Default)]
struct Chains {
    /// `Σ_l (½‖c_l‖² − ⟨r_l, c_l⟩)`: `[rows][width]`.
    costs: Vec<f32>,
    /// The codes so far, and the squared norm of what each leaves: `[levels][rows][width]`.
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
        beams: &mut Beams,
        choices: &mut Vec<Choice>,
    ) {
        let (levels, stride) = (self.levels.len(), self.products.stride);
        let count = rows.len() / self.levels[0].chunks;
        // SAFETY: the caller's promise; so below.
        unsafe { self.start::<K>(rows, beams) };
        let mut live = 1;
        for (l, level) in self.levels.iter().enumerate() {
            // Of the last level only the best is asked for.
            let kept = if l + 1 == levels { 1 } else { self.width.min(live * level.half_norms.len()) };
            for row in 0..count {
                let own = &scores[(row * levels + l) * stride..][..stride];
                let found = unsafe { self.screen::<K>(l, row, live, kept, own, beams) };
                match level.chunks {
                    1 => unsafe { self.settle::<K, 1>(l, row, found, kept, beams) },
                    _ => unsafe { self.settle::<K, 0>(l, row, found, kept, beams) },
                }
            }
            swap(&mut beams.chains, &mut beams.next);
            live = kept;
        }
        for row in 0..count {
            let steps = beams.chains.steps[row * self.width..].iter().step_by(count * self.width);
            choices.extend(steps.map(|&(code, left)| Choice { code, residual_norm: left.sqrt(), margin: 0.0 }));
        }
    }

    /// One chain without a code for each row.
    #[inline(always)]
    unsafe fn start<K: Kernels>(&self, rows: &[[f32; CHUNK]], beams: &mut Beams) {
        let (width, chunks, stride) = (self.width, self.levels[0].chunks, self.products.stride);
        let count = rows.len() / chunks;
        for chains in [&mut beams.chains, &mut beams.next] {
            chains.costs.resize(count * width, 0.0);
            chains.steps.resize(self.levels.len() * count * width, (0, 0.0));
            chains.residuals.resize(count * width * chunks, [0.0; CHUNK]);
        }
        beams.own.resize(stride, 0);
        beams.scores.resize(width * stride, 0);
        beams.words.resize((width * stride).div_ceil(64), 0);
        beams.occupied.resize((width * stride).div_ceil(64) + 1, (0, 0));
        beams.candidates.resize(width * stride + 2, 0);
        beams.best.resize(width, 0);
        beams.slacks.clear();
        for (row, values) in rows.chunks_exact(chunks).enumerate() {
            beams.chains.costs[row * width] = 0.0;
            beams.chains.residuals[row * width * chunks..][..chunks].copy_from_slice(values);
            // SAFETY: the caller's promise.
            beams.slacks.push(self.products.slack(unsafe { K::dot(values, values) }.sqrt()));
        }
    }

    /// Lists every code that may be among the `kept` best after the `live` chains of a row; returns how many there are.
    #[inline(always)]
    unsafe fn screen<K: Kernels>(&self, l: usize, row: usize, live: usize, kept: usize, own: &[f32], beams: &mut Beams) -> usize {
        let stride = self.products.stride;
        let costs = &beams.chains.costs[row * self.width..][..live];
        let scores = &mut beams.scores[..live * stride];
        let (mut near, mut most, a_unit) = (true, [i16::MIN; LANES], 1.0 / self.products.units[l]);
        round(own, &mut beams.own);
        for (b, (scores, cost)) in scores.chunks_exact_mut(stride).zip(costs).enumerate() {
            let behind = (cost - costs[0]) * a_unit;
            near &= behind <= Products::FARTHEST;
            // SAFETY: the caller's promise; so below.
            let chain = |j: usize| beams.chains.steps[j * beams.chains.costs.len() + row * self.width + b].0;
            let lanes = unsafe { self.products.add_chain::<K>(l, chain, nearest(-behind), &beams.own, scores) };
            most.iter_mut().zip(lanes).for_each(|(most, lane)| *most = (*most).max(lane));
        }
        if let (Some(slack), true) = (beams.slacks[row], near) {
            let best = if kept <= LANES / 2 {
                unsafe { K::nth_greatest(&most, kept) }
            } else {
                nth_of_lanes(scores, kept, &mut beams.lanes)
            };
            let limit = best.saturating_sub(slack);
            // Padding, which is the least there is, is left out.
            unsafe { K::at_least(scores, limit.max(i16::MIN + 1), &mut beams.words) };
            let found = mark(0, &beams.words[..scores.len().div_ceil(64)], &mut beams.occupied, &mut beams.candidates, 0);
            if found >= kept {
                return found;
            }
        }
        let codes = self.levels[l].half_norms.len();
        let places = (0..live).flat_map(|b| (0..codes).map(move |code| b * stride + code));
        beams.candidates.iter_mut().zip(places).for_each(|(candidate, place)| *candidate = place);
        live * codes
    }

    /// The `kept` best of the first `found` candidates of a row: they are the chains of the next level.
    ///
    /// `CHUNKS` are those of a row, or 0 where the compiler does not know them.
    #[inline(always)]
    unsafe fn settle<K: Kernels, const CHUNKS: usize>(&self, l: usize, row: usize, found: usize, kept: usize, beams: &mut Beams) {
        let (level, first) = (&self.levels[l], row * self.width);
        let chunks = if CHUNKS > 0 { CHUNKS } else { level.chunks };
        let codes = &level.codes[..chunks * level.half_norms.len()];
        let places = Places::new(self.products.stride);
        let Beams { chains, next, candidates, best, .. } = beams;
        let (candidates, best) = (&candidates[..found], &mut best[..kept]);
        let (costs, residuals) = (&chains.costs[first..], &chains.residuals[first * chunks..]);
        best.fill(u64::MAX);
        for (i, &place) in candidates.iter().enumerate() {
            let (chain, code) = places.at(place);
            // SAFETY: the caller's promise; so below.
            let dot = unsafe { K::dot(&residuals[chain * chunks..][..chunks], &codes[code * chunks..][..chunks]) };
            insert(best, key(costs[chain] + (level.half_norms[code] - dot), i as u32));
        }
        let lefts = next.residuals[first * chunks..].chunks_exact_mut(chunks);
        for (b, (best, left)) in best.iter().zip(lefts).enumerate() {
            let (chain, code) = places.at(candidates[*best as u32 as usize]);
            let mut square = 0.0;
            let (residual, code_chunks) = (&residuals[chain * chunks..][..chunks], &codes[code * chunks..][..chunks]);
            for (c, left) in left.iter_mut().enumerate() {
                *left = residual[c];
                square += unsafe { K::subtract(std::slice::from_mut(left), std::slice::from_ref(&code_chunks[c])) };
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
        values.iter().zip(into).for_each(|(value, into)| *into = nearest(*value));
    }
}

/// The nearest integer, if 16 bits hold it.
#[inline(always)]
fn nearest(value: f32) -> i16 {
    /// Adding it to a small number leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    (value + ROUND).to_bits() as i16
}

/// A number that the `n` greatest of `values`, if there are as many, do not fall below: the `n`-th of the greatest of more
/// lanes than that.
fn nth_of_lanes(values: &[i16], n: usize, lanes: &mut Vec<i16>) -> i16 {
    lanes.clear();
    lanes.resize(2 * n.next_power_of_two(), i16::MIN);
    greatest_of_lanes(values, lanes);
    portable::nth_greatest(lanes, n)
}

/// Puts a key in its place among the least, and the last of them out.
#[inline(always)]
fn insert(least: &mut [u64], mut key: u64) {
    for place in least {
        (*place, key) = ((*place).min(key), (*place).max(key));
    }
}
