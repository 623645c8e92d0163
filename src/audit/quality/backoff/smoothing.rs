//! Smoothing of counts towards what the step before thinks: absolute discounting with a Dirichlet prior.

use crate::base::parallel::map_chunks;

/// Discounts tried.
const DISCOUNTS: [f64; 2] = [0.5, 0.9];
/// Strengths of the prior tried, in pairs. With the last, counts are ignored.
const STRENGTHS: [f64; 6] = [0.0, 2.0, 10.0, 50.0, 250.0, f64::INFINITY];
const TRIED: usize = DISCOUNTS.len() * STRENGTHS.len();
/// Pairs whose losses are added up at once. Sums of such parts are added in order, whatever the number of threads.
const CHUNK: usize = 4096;

/// Training pairs of a context and a prefix.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    /// All of them.
    pub all: f64,
    /// Those that go on with the token in question.
    pub matching: f64,
    /// Different tokens that they go on with.
    pub kinds: f64,
}

/// What each token seen gives up to the prior, and how many pairs the prior is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Smoothing {
    discount: f64,
    strength: f64,
}

impl Smoothing {
    /// The smoothing with the least log-loss; the first of equals.
    pub(super) fn best(counts: &[Count], chances: &[f64]) -> Self {
        let pairs: Vec<(Count, f64)> = counts.iter().copied().zip(chances.iter().copied()).collect();
        let parts = map_chunks(&pairs, CHUNK, |pairs| -> [f64; TRIED] {
            std::array::from_fn(|at| pairs.iter().map(|(count, chance)| -Self::number(at).chance(count, *chance).ln()).sum())
        });
        let loss = |at: usize| parts.iter().map(|part| part[at]).sum::<f64>();
        let losses: [f64; TRIED] = std::array::from_fn(loss);
        Self::number((1..TRIED).fold(0, |best, at| if losses[at] < losses[best] { at } else { best }))
    }

    fn number(at: usize) -> Self {
        Self { discount: DISCOUNTS[at / STRENGTHS.len()], strength: STRENGTHS[at % STRENGTHS.len()] }
    }

    /// Chance of a token, where the step before gives it `chance`. What all tokens give up is shared out by those chances, so
    /// that the sum over tokens stays 1.
    pub(super) fn chance(self, count: &Count, chance: f64) -> f64 {
        if count.all == 0.0 || self.strength.is_infinite() {
            return chance;
        }
        let own = (count.matching - self.discount).max(0.0);
        (own + (self.discount * count.kinds + self.strength) * chance) / (count.all + self.strength)
    }
}
