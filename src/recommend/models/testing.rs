//! What the tests of recommenders share.

use crate::interactions::Sequences;
use crate::recommend::dataset::{Dataset, Query, Split};
use crate::recommend::fit::learner::{Chance, Learner};
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

/// A chain of items that every user follows from some place: the next item is certain.
pub fn chain(items: u32) -> Dataset {
    let sequences: Vec<Vec<u32>> = (0..3 * items).map(|user| (0..9).map(|n| (user + n) % items).collect()).collect();
    dataset(&sequences.iter().map(Vec::as_slice).collect::<Vec<_>>(), items as usize)
}

/// # Panics
/// If the gradient of the first batch, with all that is random in it, is not that of differences in every tensor.
pub fn check_gradient(model: &mut dyn Learner) {
    const STEP: f32 = 4e-3;
    let chance = Chance { seed: 3, step: 0, shard: 0 };
    // Weights far from their start, so that nothing is small by chance.
    for (i, value) in model.weights_mut().values.iter_mut().enumerate() {
        *value += 0.2 * (i as f32 * 12.9898).sin();
    }
    let shard = model.batches(0).swap_remove(0).concat();
    let mut gradient = vec![0.0; model.weights().len()];
    model.learn(&shard, chance, &mut gradient);
    let mut loss = |direction: &[(usize, f32)]| {
        let mut side = |sign: f32| {
            let move_by = |model: &mut dyn Learner, sign: f32| {
                direction.iter().for_each(|&(at, by)| model.weights_mut().values[at] += sign * by);
            };
            move_by(model, sign);
            let loss = model.learn(&shard, chance, &mut vec![0.0; gradient.len()]).sum;
            move_by(model, -sign);
            loss
        };
        (side(1.0) - side(-1.0)) / 2.0
    };
    // Single weights, and all along the gradient.
    for at in (0..gradient.len()).step_by(11) {
        let slope = loss(&[(at, STEP)]) / f64::from(STEP);
        let ours = f64::from(gradient[at]);
        assert!((slope - ours).abs() < 0.01 + 0.01 * ours.abs(), "weight {at}: {ours} for {slope}");
    }
    let norm = gradient.iter().map(|g| g * g).sum::<f32>().sqrt();
    let along: Vec<(usize, f32)> = gradient.iter().map(|g| g * STEP / norm).enumerate().collect();
    let slope = loss(&along) / f64::from(STEP * norm);
    assert!((slope - 1.0).abs() < 2e-3, "{slope} of the gradient along itself");
}

/// # Panics
/// If a model answers a query otherwise when it is asked with others.
pub fn check_alone(model: &dyn Recommender, dataset: &Dataset) {
    let queries = dataset.queries(Split::Test);
    let alone = queries.chunks(1).flat_map(|query| model.place(query, Listing::default()));
    assert_eq!(model.place(&queries, Listing::default()), alone.collect::<Vec<_>>());
}
