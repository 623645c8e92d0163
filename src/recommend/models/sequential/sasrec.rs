//! SASRec (Kang & McAuley, arXiv 1808.09781): each item of a history predicts the next, seeing only what is before it.
//!
//! The layers are as BERT has them, and the loss is by default over all items, which does better than the paper's one
//! negative (Klenitskiy & Vasilev, arXiv 2309.07602).

use serde::{Deserialize, Serialize};

use super::encoder::{EncoderOptions, Rows};
use super::network::{Network, NetworkShape, Target, latest};
use super::output::Objective;
use crate::recommend::dataset::{Dataset, Query};
use crate::recommend::fit::learner::{Chance, Learner, Loss, Shard};
use crate::recommend::fit::options::FitOptions;
use crate::recommend::fit::windows::{Window, batches, windows};
use crate::recommend::network::weights::Weights;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender};

/// Items that one thread learns from at a time.
const SHARD: usize = 128;

/// Shapes and training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SasRecOptions {
    /// The encoder's.
    pub encoder: EncoderOptions,
    /// The loss.
    pub objective: Objective,
    /// Items of a batch, about: 128 users have a thousand.
    pub batch: usize,
}

impl Default for SasRecOptions {
    fn default() -> Self {
        Self { encoder: EncoderOptions::default(), objective: Objective::default(), batch: 1024 }
    }
}

/// The recommender.
#[derive(Debug, Clone)]
pub struct SasRec {
    options: SasRecOptions,
    seed: u64,
    network: Network,
    windows: Vec<Window>,
}

impl SasRec {
    /// An untrained one.
    pub fn new(dataset: &Dataset, options: SasRecOptions, seed: u64) -> Self {
        let shape = NetworkShape { items: dataset.items(), special: 0, causal: true, bias: false };
        let network = Network::new(&options.encoder, shape, seed);
        let mut windows = windows(dataset, options.encoder.length);
        // A single item predicts nothing.
        windows.retain(|window| window.items.len() > 1);
        Self { options, seed, network, windows }
    }

    /// How it is trained.
    pub fn fit_options(seed: u64, epochs: usize) -> FitOptions {
        FitOptions { seed, epochs, warmup: 0.02, ..FitOptions::default() }
    }

    /// `[items][width]` vectors of the items, by their numbers.
    pub fn item_vectors(&self) -> &[f32] {
        self.network.item_vectors()
    }
}

impl Recommender for SasRec {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        let mut rows = Rows::default();
        queries.iter().for_each(|query| rows.push(latest(&query.history, self.options.encoder.length).iter().copied()));
        self.network.place(queries, listing, &rows)
    }
}

impl Learner for SasRec {
    fn weights(&self) -> &Weights {
        &self.network.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.network.weights
    }

    fn batches(&self, epoch: u64) -> Vec<Vec<Shard>> {
        batches(&self.windows, self.options.batch, SHARD, self.seed, epoch)
    }

    fn learn(&self, shard: &[u32], chance: Chance, gradient: &mut [f32]) -> Loss {
        let (mut rows, mut targets) = (Rows::default(), Vec::new());
        for window in shard.iter().map(|&number| &self.windows[number as usize]) {
            let start = rows.items.len();
            rows.push(window.items[..window.items.len() - 1].iter().copied());
            let next = window.items.iter().enumerate().skip(window.first_learned.max(1));
            targets.extend(next.map(|(at, &item)| Target { row: start + at - 1, item }));
        }
        self.network.learn(&rows, &targets, self.options.objective, chance, gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::dataset::Split;
    use crate::recommend::models::testing::{self, chain, check_alone, check_gradient, dataset, trained};
    use crate::recommend::placement::Metrics;

    const ALL: [Objective; 3] = [Objective::CrossEntropy, Objective::SampledSoftmax(5), Objective::BinaryCrossEntropy];

    fn small(objective: Objective) -> SasRecOptions {
        let encoder = EncoderOptions {
            width: 8,
            feed_forward: 16,
            dropout: 0.1,
            attention_dropout: 0.2,
            length: 6,
            ..EncoderOptions::default()
        };
        SasRecOptions { encoder, objective, batch: 64 }
    }

    #[test]
    fn gradients_are_those_of_differences() {
        // One sequence is in two windows.
        let data = dataset(&[&[3, 1, 4, 1, 5, 9, 2, 6, 5], &[7, 8, 8, 0, 0], &[2, 4, 6, 0, 1, 3]], 10);
        for (objective, norm_first) in ALL.into_iter().zip([false, true, false]) {
            let mut options = small(objective);
            options.encoder.norm_first = norm_first;
            check_gradient(&mut SasRec::new(&data, options, 4));
        }
    }

    #[test]
    fn a_chain_of_items_is_learned_with_every_loss() {
        let data = chain(12);
        for objective in ALL {
            let mut model = SasRec::new(&data, small(objective), 1);
            let options = FitOptions { learning_rate: 0.02, patience: 100, ..SasRec::fit_options(1, 40) };
            trained(&mut model, &options, &data);
            let places = model.place(&data.queries(Split::Test), Listing::default());
            let first = places.iter().flatten().filter(|place| place.ahead == 0 && place.sharing == 1).count();
            assert!(first * 10 > places.len() * 9, "{objective:?}: {first} of {} first", places.len());
            check_alone(&model, &data);
        }
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_do_not_change_a_bit() {
        let options = SasRec::fit_options(1, 2);
        testing::same_on_any_threads(|data| SasRec::new(data, small(Objective::CrossEntropy), 1), &options);
    }

    #[test]
    fn what_says_nothing_is_answered_all_the_same() {
        let data = dataset(&[&[0; 5]], 1);
        let mut model = SasRec::new(&data, SasRecOptions::default(), 1);
        assert_eq!(trained(&mut model, &SasRec::fit_options(1, 1), &data).recall_at_5, 1.0);
        let data = chain(12);
        let model = SasRec::new(&data, small(Objective::CrossEntropy), 1);
        let queries =
            [Query { user: 0, history: vec![], target: Some(3) }, Query { user: 1, history: vec![4; 99], target: None }];
        let places = model.place(&queries, Listing::default());
        assert_eq!((places[0].unwrap().sharing, places[1]), (12, None));
        assert_eq!(model.place(&[], Listing::default()), []);
        assert_eq!(Metrics::of_items(&places).recall_at_10, 10.0 / 12.0 / 2.0);
        assert_eq!(model.item_vectors().len(), 12 * 8);
    }
}
