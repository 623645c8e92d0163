//! Speed of recommenders at the reduced size, over made-up sequences: training steps, and beam search beside one that keeps no
//! keys and values.
//!
//! `xtask/peers/dec.py` and `sasrec.py` time the same steps in PyTorch, over sequences drawn alike.

use std::time::Duration;

use rand::RngExt;
use serde_json::json;

use super::clock::{Rates, measure};
use super::{Outcome, share};
use crate::base::parallel::{map_chunks, threads};
use crate::compute::DeviceInfo;
use crate::interactions::Sequences;
use crate::learn::seed::generator;
use crate::recommend::dataset::{Dataset, Query, Split};
use crate::recommend::fit::learner::{Chance, Learner, Loss, Shard};
use crate::recommend::fit::run::{Fit, FitError};
use crate::recommend::kind::{Built, Kind, Size, build};
use crate::recommend::models::generative::beam::{Found, search};
use crate::recommend::models::generative::dec::{Dec, DecOptions};
use crate::recommend::models::generative::uncached::Uncached;
use crate::recommend::recommender::{Listing, Recommender, place_all};
use crate::tokens::Index;

/// Seed of everything.
const SEED: u64 = 1;
/// Items of the catalogue.
const ITEMS: usize = 2420;
/// Their users.
const USERS: usize = 4900;
/// Values of each token of a codeword.
const CODES: [u32; 5] = [256, 256, 256, 256, 6];
/// Steps of a run, each with a batch of its own.
const STEPS: usize = 8;
/// Steps that the learning rate is planned for.
const PLANNED: usize = 1000;
/// Queries of a run: two threads have the same number.
const QUERIES: usize = 64;
/// Log-probabilities no farther apart than this are equal.
const CLOSE: f32 = 1e-4;

/// What is timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Training steps of dec
    Dec,
    /// Training steps of SASRec, with the loss over all items
    #[value(name = "sasrec")]
    SasRec,
    /// Beam search of dec
    Search,
    /// The same search, but each token is read with all before it
    UncachedSearch,
}

impl Part {
    fn stage(self) -> &'static str {
        match self {
            Self::Dec => "recommend dec",
            Self::SasRec => "recommend sasrec",
            Self::Search => "recommend search",
            Self::UncachedSearch => "recommend uncached-search",
        }
    }
}

/// Repeats steps or searches for about `limit` on the threads of the current pool. Items are those that a step learns, and the
/// queries of a search.
///
/// What is checked are the gradients of the steps, against differences of the loss along them, and the lists of each search,
/// against those of the other.
///
/// # Errors
/// What training fails with.
pub fn recommend(part: Part, limit: Duration) -> Result<Outcome, FitError> {
    let catalogue = Catalogue::made_up();
    match part {
        Part::Dec => catalogue.steps(part, Kind::Dec, limit),
        Part::SasRec => catalogue.steps(part, Kind::SasRec, limit),
        Part::Search | Part::UncachedSearch => catalogue.search(part, limit),
    }
}

/// What is learned from.
struct Catalogue {
    dataset: Dataset,
    index: Index,
}

impl Catalogue {
    /// Items, codewords and users are uniform; sequences have 12 training items and more, a few up to 42.
    fn made_up() -> Self {
        let mut rng = generator(SEED, "made-up catalogue", 0);
        let codewords: Vec<_> = (0..ITEMS)
            .map(|item| (item.to_string(), CODES.map(|codes| rng.random_range(0..codes).to_string()).to_vec()))
            .collect();
        let mut sequences = Sequences::default();
        for user in 0..USERS {
            let training = 3 + (9.0 * rng.random::<f64>().powf(-0.4)) as usize % 40;
            // Two more for validation and test.
            let items: Vec<_> = (0..training + 2).map(|_| Some(rng.random_range(0..ITEMS as u32))).collect();
            sequences.push(&user.to_string(), &items, &[]);
        }
        Self {
            dataset: Dataset::leave_one_out(&sequences, ITEMS).expect("all sequences are long enough"),
            index: Index::from_rows(codewords).expect("the ids are numbers that differ"),
        }
    }

    /// Training steps of a recommender that learns by gradients.
    fn steps(&self, part: Part, kind: Kind, limit: Duration) -> Result<Outcome, FitError> {
        let Some(Built::Learner(mut learner, options)) = build(kind, &self.dataset, Some(&self.index), Size::Reduced, SEED)
        else {
            unreachable!("{kind} learns by gradients")
        };
        let batches: Vec<Vec<Shard>> = learner.batches(0).into_iter().take(STEPS).collect();
        let agrees: Vec<bool> = batches.iter().map(|batch| gradient_agrees(learner.as_mut(), batch)).collect();
        let fit = Fit::new(&options, &self.dataset);
        let mut state = fit.start(learner.as_mut());
        let mut losses = Vec::new();
        let mut run = || {
            let mut all = Loss::default();
            for batch in &batches {
                let loss = fit.step(learner.as_mut(), &mut state, batch, PLANNED)?;
                all = Loss { sum: all.sum + loss.sum, terms: all.terms + loss.terms };
            }
            losses.push(all.sum / all.terms);
            Ok::<usize, FitError>(all.terms as usize)
        };
        let items = run()?;
        let rates = measure(items, limit, run)?;
        let more = json!({ "steps": STEPS, "loss": [losses.first(), losses.last()] });
        Ok(outcome(part, items, rates, &agrees, more))
    }

    /// Beam search of an untrained model.
    fn search(&self, part: Part, limit: Duration) -> Result<Outcome, FitError> {
        let dec = Dec::new(&self.dataset, &self.index, DecOptions::reduced(), SEED);
        let uncached = Uncached(&dec);
        let queries = &self.dataset.queries(Split::Test)[..QUERIES];
        let agrees = map_chunks(queries, QUERIES / 8, |queries| lists_agree(&dec, queries)).concat();
        let asked: &dyn Recommender = if part == Part::Search { &dec } else { &uncached };
        let rates = measure(QUERIES, limit, || Ok::<_, FitError>(place_all(asked, queries, Listing::default())))?;
        Ok(outcome(part, QUERIES, rates, &agrees, json!({ "beams": DecOptions::reduced().beams })))
    }
}

fn outcome(part: Part, items: usize, rates: Rates, agrees: &[bool], more: serde_json::Value) -> Outcome {
    Outcome {
        stage: part.stage(),
        items,
        threads: threads(),
        device: DeviceInfo::cpu(None).name,
        rates,
        agreement: share(agrees),
        checked: agrees.len(),
        more: more.as_object().cloned().unwrap_or_default(),
    }
}

/// Whether the gradient of a batch is the slope of its loss.
fn gradient_agrees(learner: &mut dyn Learner, batch: &[Shard]) -> bool {
    const STEP: f32 = 4e-3;
    let mut gradient = vec![0.0; learner.weights().len()];
    loss_of(learner, batch, &mut gradient);
    let norm = gradient.iter().map(|g| f64::from(*g).powi(2)).sum::<f64>().sqrt();
    let start = learner.weights().values.clone();
    let mut moved = |by: f32| {
        let by = by / norm as f32;
        let weights = learner.weights_mut().values.iter_mut().zip(&start);
        weights.zip(&gradient).for_each(|((weight, start), g)| *weight = start + by * g);
        loss_of(learner, batch, &mut vec![0.0; gradient.len()])
    };
    let slope = (moved(STEP) - moved(-STEP)) / f64::from(2.0 * STEP);
    learner.weights_mut().values.copy_from_slice(&start);
    (slope / norm - 1.0).abs() < 1e-2
}

/// The loss of a batch, dropping the same values every time.
fn loss_of(learner: &dyn Learner, batch: &[Shard], gradient: &mut [f32]) -> f64 {
    let chance = |number: usize| Chance { seed: SEED, step: 0, shard: number as u64 };
    batch.iter().enumerate().map(|(number, shard)| learner.learn(shard, chance(number), gradient).sum).sum()
}

/// Whether both searches find the same codewords, for each query.
fn lists_agree(dec: &Dec, queries: &[Query]) -> Vec<bool> {
    let histories: Vec<&[u32]> = queries.iter().map(|query| query.history.as_slice()).collect();
    let beams = vec![DecOptions::reduced().beams; queries.len()];
    let lists = search(dec, &histories, &beams).into_iter().zip(search(&Uncached(dec), &histories, &beams));
    lists.map(|(ours, slow)| list_agrees(&ours, &slow)).collect()
}

/// A codeword that is as probable as the last of the other list may be missing there.
fn list_agrees(ours: &[Found], slow: &[Found]) -> bool {
    let close = |a: &Found, b: &Found| (a.log_probability - b.log_probability).abs() <= CLOSE;
    let in_slow = |a: &Found| slow.iter().find(|b| b.leaf == a.leaf).or(slow.last()).is_some_and(|b| close(a, b));
    ours.len() == slow.len() && ours.iter().all(in_slow)
}
