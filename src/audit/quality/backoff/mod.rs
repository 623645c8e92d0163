//! How well a codeword is predicted from the item before it, without training a recommender.
//!
//! The model is a chain of back-offs. A level's token, given the tokens before it, is predicted from their counts in training
//! alone, then given the first telling token of the previous item, then its first two, then the item itself; each step is
//! smoothed towards the one before it, and the first towards equal shares of the tokens that the trie allows. All items of a
//! bucket are equally likely. So the probabilities of all items sum to 1 and indexes of any width, collisions included, are
//! held to the same scale: nats an item.

mod runs;
mod smoothing;

use serde::Serialize;

use self::runs::{Context, Runs};
use self::smoothing::{Count, Smoothing};
use super::prefixes::Prefixes;
use crate::audit::levels::columns;
use crate::base::parallel::{fill_chunks, map_items};
use crate::interactions::LeaveOneOut;
use crate::tokens::Index;

/// Farthest apart of two training items that count as a pair.
const DISTANCE: usize = 3;
/// Entropy, in bits, up to which a position tells too little of the previous item to serve as a context: an expert's token
/// in a catalogue of one domain.
const TELLING: f64 = 0.43;
/// Pairs handled at once by a thread.
const CHUNK: usize = 4096;

/// An item, and what a user did before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// Item before it; none for one that the index lacks.
    pub previous: Option<u32>,
    /// The item to be predicted.
    pub next: u32,
}

/// Held-out log-loss, in nats. Fewer are better.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogLoss {
    /// Mean over test pairs.
    pub nats_per_item: f64,
    /// Its standard error.
    pub nats_standard_error: f64,
    /// Mean over validation pairs, on which the smoothing was chosen.
    pub nats_validation: f64,
    /// Mean over test pairs of the chain that does not look at the previous item.
    pub nats_without_history: f64,
    /// `ln items`: that of guessing.
    pub nats_uniform: f64,
    /// Mean over test pairs at each position; the rest of `nats_per_item` is for buckets.
    pub nats_by_position: Vec<f64>,
    /// Test pairs.
    pub nats_pairs: usize,
    /// Test items that the index lacks, left out.
    pub nats_unknown: usize,
}

/// Log-loss of `split`'s test items. None without validation or test items.
pub fn log_loss(index: &Index, split: &LeaveOneOut<'_>) -> Option<LogLoss> {
    let pair = |(previous, next): (Option<u32>, Option<u32>)| next.map(|next| Pair { previous, next });
    let last = split.training().map(|items| items.last().copied().flatten());
    let validation: Vec<Pair> = last.zip(split.validation_targets()).filter_map(pair).collect();
    let test: Vec<Pair> = split.validation_targets().zip(split.test_targets()).filter_map(pair).collect();
    if validation.is_empty() || test.is_empty() {
        return None;
    }
    let losses = losses(index, &training_pairs(split), &validation, &test);
    let (tuned, tested) = losses.whole.split_at(validation.len());
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let nats_per_item = mean(tested);
    let variance = tested.iter().map(|nats| (nats - nats_per_item).powi(2)).sum::<f64>() / tested.len() as f64;
    Some(LogLoss {
        nats_per_item,
        nats_standard_error: (variance / tested.len() as f64).sqrt(),
        nats_validation: mean(tuned),
        nats_without_history: mean(&losses.without_history[validation.len()..]),
        nats_uniform: (index.items() as f64).ln(),
        nats_by_position: losses.by_position.iter().map(|nats| mean(&nats[validation.len()..])).collect(),
        nats_pairs: test.len(),
        nats_unknown: split.users() - test.len(),
    })
}

/// Training items at most [`DISTANCE`] apart, the earlier one first.
fn training_pairs(split: &LeaveOneOut<'_>) -> Vec<(u32, u32)> {
    let apart = |distance: usize| {
        let pairs = move |items: &'_ [Option<u32>]| items.len().saturating_sub(distance);
        split.training().flat_map(move |items| (0..pairs(items)).filter_map(move |i| items[i].zip(items[i + distance])))
    };
    (1..=DISTANCE).flat_map(apart).collect()
}

/// Log-losses of pairs, in nats: those of the tuning pairs, then those of the others.
#[derive(Debug, Clone)]
pub struct Losses {
    /// Of each item.
    pub whole: Vec<f64>,
    /// Of each item by the chain that does not look at the previous one.
    pub without_history: Vec<f64>,
    /// `[width]` of each item's token at each position.
    pub by_position: Vec<Vec<f64>>,
}

/// Counts `training` pairs (previous, next), chooses each step's smoothing on the pairs `tuning`, and gives the log-loss of
/// these and the `others`.
pub fn losses(index: &Index, training: &[(u32, u32)], tuning: &[Pair], others: &[Pair]) -> Losses {
    let prefixes = &Prefixes::new(index);
    let pairs = [tuning, others].concat();
    let training = runs::by_place(prefixes, training);
    let mut steps: Vec<Step> = map_items(contexts(index), |context| Step::new(Runs::new(context, &training), &pairs));
    let bucket = |pair: &Pair| {
        let place = prefixes.place(pair.next);
        (prefixes.range(prefixes.width(), prefixes.at(prefixes.width(), place)).len() as f64).ln()
    };
    let buckets: Vec<f64> = pairs.iter().map(bucket).collect();
    let mut losses = Losses { whole: buckets.clone(), without_history: buckets, by_position: Vec::new() };
    for length in 0..prefixes.width() {
        let allowed = |pair: &Pair| prefixes.continuations(length, prefixes.of(length, pair.next));
        let mut chances: Vec<f64> = pairs.iter().map(|pair| 1.0 / f64::from(allowed(pair))).collect();
        for (number, step) in steps.iter_mut().enumerate() {
            let counts = step.counts(prefixes, length, &pairs);
            let smoothing = Smoothing::best(&counts[..tuning.len()], &chances[..tuning.len()]);
            chances.iter_mut().zip(&counts).for_each(|(chance, count)| *chance = smoothing.chance(count, *chance));
            if number == 0 {
                add_nats(&mut losses.without_history, &chances);
            }
        }
        add_nats(&mut losses.whole, &chances);
        losses.by_position.push(chances.iter().map(|chance| nats(*chance)).collect());
    }
    losses
}

fn add_nats(losses: &mut [f64], chances: &[f64]) {
    losses.iter_mut().zip(chances).for_each(|(loss, chance)| *loss += nats(*chance));
}

/// Log-loss of a chance, which rounding may have made more than 1.
fn nats(chance: f64) -> f64 {
    0.0 - chance.min(1.0).ln()
}

/// What each step of the chain looks at, the first step first.
fn contexts(index: &Index) -> Vec<Context> {
    let columns = columns(index);
    let mut telling = columns.iter().filter(|column| column.entropy_bits() > TELLING);
    let first = telling.next();
    let second = first.zip(telling.next()).map(|(first, second)| first.refined(second));
    let item = Context::PreviousIn((0..index.items() as u32).collect());
    let tokens = first.cloned().into_iter().chain(second).map(|groups| Context::PreviousIn(groups.group_of));
    std::iter::once(Context::Nothing).chain(tokens).chain([item]).collect()
}

/// One step of the chain at work on pairs.
struct Step {
    runs: Runs,
    /// `[pairs]` the training pairs of each pair's context that begin as its next item does.
    matching: Vec<(usize, usize)>,
}

impl Step {
    fn new(runs: Runs, pairs: &[Pair]) -> Self {
        let matching = pairs.iter().map(|pair| runs.of(pair.previous)).map(|range| (range.start, range.end)).collect();
        Self { runs, matching }
    }

    /// `[pairs]` the counts for the token that follows a prefix of `length`; lengths are asked for in turn.
    fn counts(&mut self, prefixes: &Prefixes, length: usize, pairs: &[Pair]) -> Vec<Count> {
        let different = self.runs.different(prefixes, length + 1);
        let mut found = vec![Count::default(); pairs.len()];
        let mut work: Vec<(&mut (usize, usize), &mut Count)> = self.matching.iter_mut().zip(&mut found).collect();
        let runs = &self.runs;
        fill_chunks(
            (pairs, CHUNK),
            (&mut work, CHUNK),
            || (),
            |(), pairs, work| {
                for (pair, (range, count)) in pairs.iter().zip(work) {
                    let all = range.0..range.1;
                    let next = prefixes.range(length + 1, prefixes.of(length + 1, pair.next));
                    let matching = runs.within(all.clone(), next);
                    let kinds = different[all.end] - different[all.start];
                    **count = Count { all: all.len() as f64, matching: matching.len() as f64, kinds: f64::from(kinds) };
                    **range = (matching.start, matching.end);
                }
            },
        );
        found
    }
}
