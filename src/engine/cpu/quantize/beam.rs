//! Beam search over levels: the best few chains are followed side by side, and the best of all is taken in the end.
//!
//! With `½‖x − Σ c_l‖² = ½‖x‖² + Σ_l (½‖c_l‖² − ⟨x, c_l⟩) + Σ_{j<l} ⟨c_j, c_l⟩`, a chain's error is a sum of numbers that
//! need no residual: the first sum is one matrix product for all codes of all levels, the second comes from tables
//! made once. Following a chain to all codes of a level then takes one addition a code and level before it (the
//! "LUT" of Faiss' residual quantizer).

use super::{Choice, Quantizer, Search, Workspace};
use crate::engine::EngineError;
use crate::engine::cpu::linear::PackedLinear;
use crate::engine::cpu::screen::key;
use crate::engine::cpu::simd::add_rows;
use crate::engine::cpu::tile::Activation;

/// Groups of the codes of a chain, whose least costs are looked at first: codes of equal remainder (see [`add_rows`]).
const GROUPS: usize = 16;
/// Products of codes that the tables hold at most: a gibibyte.
const MOST_PRODUCTS: usize = 1 << 28;
/// Rows whose products with all codes are made at a time.
const ROWS: usize = 96;

/// One quantizer, laid out for beam search.
#[derive(Debug, Clone)]
pub struct Beam {
    quantizer: Quantizer,
    /// Chains followed.
    width: usize,
    levels: usize,
    /// Codes a level, padded to whole groups.
    codes: usize,
    latent: usize,
    /// `x` → `½‖c‖² − ⟨x, c⟩` of every code `[levels][codes]`; infinite for the padding.
    scores: PackedLinear,
    /// `⟨c_j, c_l⟩` for levels `j < l`: `[l · (l − 1) / 2 + j][code of j][code of l]`.
    products: Vec<Vec<f32>>,
}

/// A chain being followed.
#[derive(Debug, Clone, Copy, Default)]
struct Step {
    cost: f32,
    /// The chain before, by its place in the level before.
    parent: u32,
    code: u32,
}

/// Buffers of a search.
#[derive(Debug, Default)]
struct Buffers {
    costs: Vec<f32>,
    least: Vec<[f32; GROUPS]>,
    picks: Picks,
    /// `[levels][≤ width]`, the best first.
    steps: Vec<Vec<Step>>,
}

impl Beam {
    /// Lays out `quantizer` for a search that follows `width` chains.
    ///
    /// # Errors
    /// [`EngineError::Limit`] where the tables would take more than a gibibyte.
    pub fn new(quantizer: Quantizer, width: usize) -> Result<Self, EngineError> {
        let (latent, levels) = (quantizer.latent, quantizer.levels.len());
        let codes = quantizer.levels.first().map_or(0, |level| level.half_norms().len().next_multiple_of(GROUPS));
        let needed = codes * codes * (levels * (levels - 1) / 2);
        if needed > MOST_PRODUCTS {
            let what = "products of codes in the tables of beam search";
            return Err(EngineError::Limit { what, needed: needed as u64, limit: MOST_PRODUCTS as u64 });
        }
        let code = |l: usize, t: usize| {
            let level = &quantizer.levels[l];
            (t < level.half_norms().len()).then(|| &level.code(t).as_flattened()[..latent])
        };
        let half_norm = |o: usize| quantizer.levels[o / codes].half_norms().get(o % codes).copied().unwrap_or(f32::INFINITY);
        let bias: Vec<f32> = (0..levels * codes).map(half_norm).collect();
        let weight = |o: usize, d: usize| code(o / codes, o % codes).map_or(0.0, |code| -code[d]);
        let scores = PackedLinear::from_rows(latent, levels * codes, bias, weight);
        let pairs = (0..levels).flat_map(|l| (0..l).map(move |j| (j, l)));
        let table = |(j, l): (usize, usize)| {
            let all = || (0..codes).map(|t| code(l, t));
            (0..codes).flat_map(|t| all().map(move |b| (code(j, t), b))).map(|(a, b)| a.zip(b).map_or(0.0, dot)).collect()
        };
        let products = pairs.map(table).collect();
        Ok(Self { width, levels, codes, latent, scores, products, quantizer })
    }

    /// Fills `steps` for one row with its `scores [levels][codes]`.
    fn search(&self, scores: &[f32], buffers: &mut Buffers) {
        buffers.steps.resize(self.levels, Vec::new());
        buffers.costs.resize(self.width * self.codes, 0.0);
        buffers.least.resize(self.width, [0.0; GROUPS]);
        for (l, scores) in scores.chunks_exact(self.codes).enumerate() {
            let (before, after) = buffers.steps.split_at_mut(l);
            let chains = before.last().map_or(1, Vec::len);
            let places = buffers.costs.chunks_exact_mut(self.codes).zip(&mut buffers.least);
            for (b, (costs, least)) in places.enumerate().take(chains) {
                // What is added to every code's own score: its products with the codes of the chain.
                let mut rows = [scores; MOST_LEVELS];
                let (mut parent, mut base) = (b, 0.0);
                for (j, steps) in before.iter().enumerate().rev() {
                    let step = steps[parent];
                    base = if j + 1 == l { step.cost } else { base };
                    rows[j + 1] = &self.products[l * (l - 1) / 2 + j][step.code as usize * self.codes..][..self.codes];
                    parent = step.parent as usize;
                }
                add_rows(base, &rows[..=l], costs, least);
            }
            let (costs, least) = (&buffers.costs[..chains * self.codes], &buffers.least[..chains]);
            select(costs, least, self.codes, self.width, &mut buffers.picks, &mut after[0]);
        }
    }
}

/// The best chain that the search finds. A margin below zero says that a nearer code was passed over.
impl Search for Beam {
    fn quantize_rows(&self, latents: &[f32], margins: bool, work: &mut Workspace, choices: &mut Vec<Choice>) {
        choices.clear();
        let (mut scores, mut buffers) = (Vec::new(), Buffers::default());
        for latents in latents.chunks(ROWS * self.latent) {
            self.scores.forward_into(latents, Activation::Identity, &mut scores);
            for scores in scores.chunks_exact(self.levels * self.codes) {
                self.search(scores, &mut buffers);
                let start = choices.len();
                choices.resize(start + self.levels, Choice::default());
                buffers.trace(&mut choices[start..]);
            }
        }
        self.quantizer.follow(latents, margins, work, choices);
    }

    fn add_codes(&self, choices: &[Choice], weight: f32, sum: &mut [f32]) {
        self.quantizer.add_codes(choices, weight, sum);
    }
}

/// Levels of a model, at most (see [`crate::config`]).
const MOST_LEVELS: usize = 16;

/// The `width` least of `costs [chains][codes]`, the best first, on a tie the first; `least` are those of each group.
///
/// Which costs are among them cannot be foreseen, so nothing branches on one: first comes a bound on them, then the groups
/// that have any below it, then those of the groups.
fn select(costs: &[f32], least: &[[f32; GROUPS]], codes: usize, width: usize, picks: &mut Picks, best: &mut Vec<Step>) {
    let least = least.as_flattened();
    let limit = bound(least, width, picks);
    picks.best.clear();
    picks.best.resize(width, u64::MAX);
    for_each_below(least.iter(), limit, |group| {
        // A group's first code, and every sixteenth from there to the end of the chain.
        let (chain, first) = (group / GROUPS * codes, group % GROUPS);
        for_each_below(costs[chain + first..chain + codes].iter().step_by(GROUPS), limit, |i| {
            let at = chain + first + i * GROUPS;
            insert(&mut picks.best, key(costs[at], at as u32));
        });
    });
    let step = |key: &u64| {
        let at = *key as u32 as usize;
        Step { cost: costs[at], parent: (at / codes) as u32, code: (at % codes) as u32 }
    };
    best.clear();
    best.extend(picks.best.iter().take_while(|key| **key != u64::MAX).map(step));
}

/// Puts a key in its place among the least, and the last of them out.
#[inline(always)]
fn insert(least: &mut [u64], mut key: u64) {
    for place in least {
        (*place, key) = ((*place).min(key), (*place).max(key));
    }
}

/// Buffers of [`select`].
#[derive(Debug, Default)]
struct Picks {
    lanes: Vec<f32>,
    lowest: Vec<f32>,
    /// Cost and place of the best so far, in one number.
    best: Vec<u64>,
}

/// A number that at least `width` of the values do not exceed, if that many are finite: the values are dealt to more
/// lanes than that, and it is the `width`-th least of the lanes' least.
fn bound(values: &[f32], width: usize, picks: &mut Picks) -> f32 {
    let Picks { lanes, lowest, .. } = picks;
    lanes.clear();
    lanes.resize(2 * width.next_power_of_two(), f32::INFINITY);
    for values in values.chunks(lanes.len()) {
        lanes.iter_mut().zip(values).for_each(|(lane, v)| *lane = if *v < *lane { *v } else { *lane });
    }
    lowest.clear();
    lowest.resize(width, f32::INFINITY);
    for &lane in lanes.iter() {
        let mut value = lane;
        for low in lowest.iter_mut() {
            (*low, value) = if value < *low { (value, *low) } else { (*low, value) };
        }
    }
    // Infinite costs are padding.
    lowest[width - 1].min(f32::MAX)
}

/// Calls `found` with the index of each value that is at most `limit`, in order.
#[inline(always)]
fn for_each_below<'v>(mut values: impl ExactSizeIterator<Item = &'v f32>, limit: f32, mut found: impl FnMut(usize)) {
    let mut start = 0;
    while values.len() > 0 {
        let mut word = 0u32;
        let count = values.len().min(32);
        for (bit, value) in values.by_ref().take(32).enumerate() {
            word |= u32::from(*value <= limit) << bit;
        }
        while word != 0 {
            found(start + word.trailing_zeros() as usize);
            word &= word - 1;
        }
        start += count;
    }
}

impl Buffers {
    /// The best chain's codes, back from the last level.
    fn trace(&self, choices: &mut [Choice]) {
        let mut place = 0;
        for (choice, steps) in choices.iter_mut().zip(&self.steps).rev() {
            let step = steps.get(place).copied().unwrap_or_default();
            choice.code = step.code;
            place = step.parent as usize;
        }
    }
}

fn dot((a, b): (&[f32], &[f32])) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::reference;

    fn noise(n: usize, seed: u32, scale: f32) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
        };
        (0..n).map(|_| scale * (next() + next())).collect()
    }

    #[test]
    fn finds_what_the_search_in_float64_finds() {
        for (levels, codes, latent, width) in [(1, 5, 3, 4), (2, 16, 8, 3), (4, 40, 32, 5), (3, 17, 33, 64), (4, 64, 16, 1)] {
            let codebooks: Vec<Vec<f32>> =
                (0..levels).map(|l| noise(codes * latent, 7 + l as u32, 0.7f32.powi(l as i32))).collect();
            let slices: Vec<&[f32]> = codebooks.iter().map(Vec::as_slice).collect();
            let quantizer = Quantizer::from_codebooks(slices.iter().copied(), latent);
            let beam = Beam::new(quantizer.clone(), width).unwrap();
            let rows = noise(100 * latent, 3, 1.5);
            let (mut work, mut choices, mut greedy) = (Workspace::default(), Vec::new(), Vec::new());
            beam.quantize_rows(&rows, true, &mut work, &mut choices);
            quantizer.quantize_rows(&rows, true, &mut work, &mut greedy);
            for (i, (row, choices)) in rows.chunks_exact(latent).zip(choices.chunks_exact(levels)).enumerate() {
                let exact: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
                let (codes, error) = reference::beam(&exact, &slices, width);
                let found = f64::from(choices[levels - 1].residual_norm).powi(2);
                let tie = 1e-5 * reference::square(&exact);
                let same = codes.iter().zip(choices).all(|(code, choice)| *code == choice.code as usize);
                assert!(same || (found - error).abs() <= tie, "row {i}: {choices:?}, reference {codes:?} {error}");
                let greedy = &greedy[i * levels..][..levels];
                assert!(width > 1 || greedy.iter().map(|c| c.code).eq(choices.iter().map(|c| c.code)), "row {i}");
            }
        }
    }

    #[test]
    fn tables_beyond_memory_are_refused() {
        let codebook = vec![0.5; 1 << 15];
        let quantizer = Quantizer::from_codebooks([codebook.as_slice(); 2].into_iter(), 1);
        assert!(matches!(Beam::new(quantizer, 5), Err(EngineError::Limit { .. })));
    }
}
