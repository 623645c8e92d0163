//! Generative recommenders against brute force: gradients by differences, search by scoring every codeword.

use unitok::interactions::Sequences;
use unitok::recommend::dataset::{Dataset, Query};
use unitok::recommend::fit::learner::{Chance, Learner};
use unitok::recommend::fit::run::Fit;
use unitok::recommend::models::generative::beam::{Decoder, Found, search};
use unitok::recommend::models::generative::codewords::Codewords;
use unitok::recommend::models::generative::dec::{Dec, DecOptions};
use unitok::recommend::models::generative::t5::{T5, T5Options};
use unitok::recommend::models::generative::uncached::Uncached;
use unitok::recommend::placement::Metrics;
use unitok::recommend::recommender::{Listing, Recommender, place_all};
use unitok::tokens::Index;

const ITEMS: usize = 60;

/// Sixty items on 120 possible codewords: some share one, and some prefixes leave no choice.
pub fn index() -> Index {
    let number = |item: usize, salt: usize, of: usize| (item * 7919 + salt * 104_729) / 13 % of;
    Index::from_rows((0..ITEMS).map(|item| {
        let tokens = [number(item, 1, 4), 10 + number(item, 2, 5), 20 + number(item, 3, 6)];
        (item.to_string(), tokens.map(|t| t.to_string()).to_vec())
    }))
    .unwrap()
}

/// A dataset whose users have these training items.
pub fn dataset(users: &[Vec<u32>], items: usize) -> Dataset {
    let mut sequences = Sequences::default();
    for (number, user) in users.iter().enumerate() {
        // Short sequences would be left out: what fills them up is unknown, and so dropped again.
        let unknown = vec![None; 3];
        let all: Vec<Option<u32>> = unknown.into_iter().chain(user.iter().copied().map(Some)).chain([Some(0), Some(1)]).collect();
        sequences.push(&number.to_string(), &all, &[]);
    }
    Dataset::leave_one_out(&sequences, items).unwrap()
}

fn small(dropout: f32) -> DecOptions {
    DecOptions { width: 16, layers: 2, heads: 2, feed_forward: 24, dropout, history: 6, batch: 40, beams: 20 }
}

fn dec(users: &[Vec<u32>], dropout: f32) -> Dec {
    stirred(Dec::new(&dataset(users, ITEMS), &index(), small(dropout), 4), 0.2)
}

fn t5(users: &[Vec<u32>], dropout: f32) -> T5 {
    let shape =
        T5Options { width: 16, layers: 2, heads: 2, head: 6, feed_forward: 24, dropout, history: 6, batch: 40, beams: 20 };
    stirred(T5::new(&dataset(users, ITEMS), &index(), shape, 4), 0.05)
}

/// Weights that are far from their start, so that nothing is small by chance.
fn stirred<L: Learner>(mut learner: L, by: f32) -> L {
    for (i, value) in learner.weights_mut().values.iter_mut().enumerate() {
        *value += by * (i as f32 * 12.9898).sin();
    }
    learner
}

/// Loss of some samples.
fn loss(learner: &impl Learner, samples: &[u32]) -> f64 {
    let mut gradient = vec![0.0; learner.weights().len()];
    learner.learn(samples, Chance { seed: 1, step: 0, shard: 0 }, &mut gradient).sum
}

fn check_gradients(mut learner: impl Learner) {
    let samples: Vec<u32> = learner.batches(0).concat().concat();
    let mut gradient = vec![0.0; learner.weights().len()];
    learner.learn(&samples, Chance { seed: 1, step: 0, shard: 0 }, &mut gradient);
    let mut checked = 0;
    for at in (0..gradient.len()).step_by(37) {
        let start = learner.weights().values[at];
        let mut slope = |step: f32| {
            let mut moved = |by: f32| {
                learner.weights_mut().values[at] = start + by;
                loss(&learner, &samples)
            };
            (moved(step) - moved(-step)) / f64::from(2.0 * step)
        };
        // A large step may cross a kink of ReLU, a small one may vanish in the rounding.
        let numeric = [3e-3, 3e-4].map(&mut slope);
        learner.weights_mut().values[at] = start;
        let ours = f64::from(gradient[at]);
        let near = numeric.iter().any(|numeric| (numeric - ours).abs() < 0.01 + 0.02 * ours.abs());
        assert!(near, "parameter {at}: {ours} for {numeric:?}");
        checked += usize::from(ours.abs() > 0.1);
    }
    assert!(checked > 40, "only {checked} gradients say anything");
}

#[test]
fn gradients_are_those_of_differences() {
    let users = [vec![3, 9, 30, 3, 7], vec![50], vec![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], vec![]];
    check_gradients(dec(&users, 0.3));
    check_gradients(t5(&users, 0.2));
}

/// The search of all codewords against `log_probability(history, item)` of training.
fn check_search<D: Decoder>(decoder: &D, histories: &[&[u32]], log_probability: impl Fn(&[u32], u32) -> f64) {
    let codewords = Codewords::new(&index());
    let found = search(decoder, histories, &vec![1000; histories.len()]);
    for (history, found) in histories.iter().zip(&found) {
        let mut leaves: Vec<u32> = found.iter().map(|f| f.leaf).collect();
        assert!(found.is_sorted_by(|a, b| a.log_probability >= b.log_probability));
        leaves.sort_unstable();
        leaves.dedup();
        let all: std::collections::BTreeSet<u32> = (0..ITEMS as u32).map(|item| codewords.leaf(item)).collect();
        assert_eq!(leaves, all.into_iter().collect::<Vec<_>>());
        let total: f64 = found.iter().map(|f| f64::from(f.log_probability).exp()).sum();
        assert!((total - 1.0).abs() < 1e-4, "probabilities sum to {total}");
        for item in [0, 17, 42] {
            let exact = log_probability(history, item);
            let ours = found.iter().find(|f| f.leaf == codewords.leaf(item)).unwrap().log_probability;
            assert!((f64::from(ours) - exact).abs() < 1e-3, "item {item}: {ours} for {exact}");
        }
    }
    // A narrow search finds some of them, with the same probabilities.
    let narrow = search(decoder, histories, &vec![4; histories.len()]);
    for (narrow, wide) in narrow.iter().zip(&found) {
        assert_eq!(narrow.len(), 4);
        let known = |n: &Found| wide.iter().any(|w| w.leaf == n.leaf && (w.log_probability - n.log_probability).abs() < 1e-5);
        assert!(narrow.iter().all(known));
    }
}

#[test]
fn the_search_finds_every_codeword_with_the_probability_of_training() {
    let histories: [&[u32]; 4] = [&[3], &[9, 30, 3, 7, 8], &[1, 2, 3, 4, 5, 6], &[]];
    let with = |history: &[u32], item| vec![history.iter().copied().chain([item]).collect::<Vec<u32>>()];
    check_search(&dec(&[vec![1]], 0.0), &histories, |history, item| {
        // What the last item adds to the loss of its sequence is its negative log-probability.
        let of = |users: Vec<Vec<u32>>| if users[0].is_empty() { 0.0 } else { loss(&dec(&users, 0.0), &[0]) };
        of(vec![history.to_vec()]) - of(with(history, item))
    });
    // The encoder-decoder learns from no empty history.
    check_search(&t5(&[vec![1]], 0.0), &histories[..3], |history, item| {
        -loss(&t5(&with(history, item), 0.0), &[history.len() as u32 - 1])
    });
}

#[test]
fn what_a_search_keeps_does_not_change_its_lists() {
    let dec = dec(&[vec![1]], 0.0);
    let histories: [&[u32]; 5] = [&[3], &[9, 30, 3, 7, 8], &[1, 2, 3, 4, 5, 6, 7, 8, 9], &[], &[59, 59]];
    for beams in [1, 7, 20] {
        let (ours, slow) = (search(&dec, &histories, &[beams; 5]), search(&Uncached(&dec), &histories, &[beams; 5]));
        for (ours, slow) in ours.iter().zip(&slow) {
            assert_eq!(ours.len(), beams);
            let same = |(a, b): (&Found, &Found)| a.leaf == b.leaf && (a.log_probability - b.log_probability).abs() < 1e-4;
            assert!(ours.iter().zip(slow).all(same), "{beams} beams: {ours:?}\n{slow:?}");
        }
    }
}

#[test]
fn answers_do_not_depend_on_who_else_asks() {
    let recommenders: [&dyn Recommender; 2] = [&dec(&[vec![1]], 0.0), &t5(&[vec![1]], 0.0)];
    let query = |history: &[u32], target| Query { user: 0, history: history.to_vec(), target };
    let queries = [query(&[3, 4], Some(7)), query(&[], Some(3)), query(&[9, 8, 7, 6, 5, 4, 3, 2, 1], Some(9)), query(&[1], None)];
    for (recommender, mask_history) in recommenders.into_iter().flat_map(|r| [(r, false), (r, true)]) {
        let listing = Listing { mask_history };
        let together = recommender.place(&queries, listing);
        let alone: Vec<_> = queries.iter().flat_map(|q| recommender.place(std::slice::from_ref(q), listing)).collect();
        assert_eq!(together, alone);
        assert_eq!(together[3], None);
        assert!(!mask_history || together[2].is_none(), "the history is left out");
    }
}

/// Users who follow one chain of items.
fn chain(items: u32) -> Vec<Vec<u32>> {
    (0..200).map(|user| (0..5 + user % 7).map(|step| (user * 7 + step) * 11 % items).collect()).collect()
}

#[test]
fn it_learns_what_follows_what_with_the_same_bits_on_any_number_of_threads() {
    let users = chain(ITEMS as u32);
    let data = dataset(&users, ITEMS);
    let index = Index::from_rows(
        (0..ITEMS as u32).map(|i| (i.to_string(), [i / 16, 10 + i / 4 % 4, 20 + i % 4].map(|t| t.to_string()).to_vec())),
    )
    .unwrap();
    let options = DecOptions { width: 32, layers: 1, ..small(0.1) };
    let mut fit_options = options.fit_options(3, 6);
    (fit_options.learning_rate, fit_options.validate_every) = (1e-2, 6);
    let trained = |threads| {
        let pool = rayon_pool(threads);
        pool.install(|| {
            let mut dec = Dec::new(&data, &index, options.clone(), 3);
            let fit = Fit::new(&fit_options, &data);
            let mut state = fit.start(&mut dec);
            while fit.epoch(&mut dec, &mut state, &mut |_, _| {}).unwrap().is_some() {}
            dec
        })
    };
    let one = trained(1);
    assert_eq!(one.weights().values, trained(3).weights().values);
    let queries: Vec<Query> = (0..ITEMS as u32)
        .map(|item| Query { user: 0, history: vec![item, (item + 11) % 60], target: Some((item + 22) % 60) })
        .collect();
    let metrics = Metrics::of_items(&place_all(&one, &queries, Listing::default()));
    assert!(metrics.recall_at_5 > 0.9, "{metrics:?}");
}

fn rayon_pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}
