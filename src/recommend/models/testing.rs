//! What the tests of recommenders share.

use crate::interactions::Sequences;
use crate::recommend::dataset::{Dataset, Query, Split};
use crate::recommend::fit::learner::Learner;
use crate::recommend::fit::options::FitOptions;
use crate::recommend::fit::run::Fit;
use crate::recommend::placement::Metrics;
use crate::recommend::recommender::{Listing, Recommender};

/// Sequences of at least five items, of which the last two are held out.
pub fn dataset(sequences: &[&[u32]], items: usize) -> Dataset {
    let mut all = Sequences::default();
    for (number, sequence) in sequences.iter().enumerate() {
        let known: Vec<Option<u32>> = sequence.iter().copied().map(Some).collect();
        all.push(&number.to_string(), &known, &[]);
    }
    Dataset::leave_one_out(&all, items).unwrap()
}

/// Two groups of 24 users, each of whom took eight of the ten items of their group.
pub fn communities() -> Dataset {
    let sequence = |user: u32| (0..8).map(|n| (user + 3 * n) % 10 + 10 * (user % 2)).collect::<Vec<u32>>();
    let sequences: Vec<Vec<u32>> = (0..48).map(sequence).collect();
    dataset(&sequences.iter().map(Vec::as_slice).collect::<Vec<_>>(), 20)
}

/// The largest distance between a gradient and central differences of a function in float64.
pub fn distance(gradient: &[f32], at: &[f32], function: impl Fn(&[f64]) -> f64) -> f64 {
    const STEP: f64 = 1e-4;
    let mut at: Vec<f64> = at.iter().map(|v| f64::from(*v)).collect();
    let mut distance = |(i, g): (usize, &f32)| {
        let middle = at[i];
        let mut value = |by: f64| {
            at[i] = middle + by;
            function(&at)
        };
        let slope = (value(STEP) - value(-STEP)) / (2.0 * STEP);
        at[i] = middle;
        (slope - f64::from(*g)).abs()
    };
    gradient.iter().enumerate().map(&mut distance).fold(0.0, f64::max)
}

/// Trains a model to the end, and asks it the test's questions.
pub fn trained(model: &mut dyn Learner, options: &FitOptions, dataset: &Dataset) -> Metrics {
    let fit = Fit::new(options, dataset);
    let mut state = fit.start(model);
    while fit.epoch(model, &mut state, &mut |_, _| {}).unwrap().is_some() {}
    ask(model, &dataset.queries(Split::Test))
}

fn ask<R: Recommender + ?Sized>(model: &R, queries: &[Query]) -> Metrics {
    let places: Vec<_> = queries.chunks(5).flat_map(|queries| model.place(queries, Listing::default())).collect();
    Metrics::of_items(&places)
}

/// # Panics
/// If training on one, two and three threads gives different weights.
#[cfg(feature = "threads")]
pub fn same_on_any_threads<L: Learner + Send>(new: impl Fn(&Dataset) -> L + Sync, options: &FitOptions) {
    let data = communities();
    let weights = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut model = new(&data);
            trained(&mut model, options, &data);
            model.weights().values.clone()
        })
    };
    let one = weights(1);
    assert!([2, 3].into_iter().all(|threads| weights(threads) == one));
}
