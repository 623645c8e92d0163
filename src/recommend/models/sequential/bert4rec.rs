//! BERT4Rec (Sun et al., arXiv 1904.06690): masked items of a history are predicted from those before and after.

use rand::{Rng, RngExt};
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
pub struct Bert4RecOptions {
    /// The encoder's.
    pub encoder: EncoderOptions,
    /// Share of items that are masked.
    pub mask: f32,
    /// Share of sequences of which only the last item is masked, as when recommending.
    pub last_only: f32,
    /// Items of a batch, about: 256 users have two thousand.
    pub batch: usize,
}

impl Default for Bert4RecOptions {
    fn default() -> Self {
        let encoder = EncoderOptions { attention_dropout: 0.2, ..EncoderOptions::default() };
        Self { encoder, mask: 0.6, last_only: 0.1, batch: 2048 }
    }
}

/// The recommender.
#[derive(Debug, Clone)]
pub struct Bert4Rec {
    options: Bert4RecOptions,
    seed: u64,
    /// Number of the token that stands for a masked item.
    mask: u32,
    network: Network,
    windows: Vec<Window>,
}

impl Bert4Rec {
    /// An untrained one.
    pub fn new(dataset: &Dataset, options: Bert4RecOptions, seed: u64) -> Self {
        let shape = NetworkShape { items: dataset.items(), special: 1, causal: false, bias: true };
        let network = Network::new(&options.encoder, shape, seed);
        let windows = windows(dataset, options.encoder.length - 1);
        Self { options, seed, mask: dataset.items() as u32, network, windows }
    }

    /// How it is trained.
    pub fn fit_options(seed: u64, epochs: usize) -> FitOptions {
        FitOptions { seed, epochs, warmup: 0.02, beta_2: 0.999, weight_decay: 0.01, clip: 5.0, ..FitOptions::default() }
    }

    /// Masks items of a sequence that starts at row `start`: at random, but at least one.
    fn masked(&self, items: &[u32], start: usize, rng: &mut impl Rng, targets: &mut Vec<Target>) -> Vec<u32> {
        let mut masked = items.to_vec();
        let mut mask = |at: usize| {
            masked[at] = self.mask;
            targets.push(Target { row: start + at, item: items[at] });
        };
        let mut none = true;
        if rng.random::<f32>() >= self.options.last_only {
            for at in (0..items.len()).filter(|_| rng.random::<f32>() < self.options.mask) {
                mask(at);
                none = false;
            }
        }
        if none {
            mask(items.len() - 1);
        }
        masked
    }
}

impl Recommender for Bert4Rec {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        let mut rows = Rows::default();
        for query in queries {
            let history = latest(&query.history, self.options.encoder.length - 1);
            rows.push(history.iter().copied().chain([self.mask]));
        }
        self.network.place(queries, listing, &rows)
    }
}

impl Learner for Bert4Rec {
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
        let mut rng = chance.generator("masks");
        for window in shard.iter().map(|&number| &self.windows[number as usize]) {
            let start = rows.items.len();
            rows.push(self.masked(&window.items, start, &mut rng, &mut targets));
        }
        self.network.learn(&rows, &targets, Objective::CrossEntropy, chance, gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::dataset::Split;
    use crate::recommend::models::testing::{self, chain, check_alone, check_gradient, dataset, trained};

    fn small() -> Bert4RecOptions {
        let encoder = EncoderOptions {
            width: 8,
            feed_forward: 16,
            dropout: 0.1,
            attention_dropout: 0.2,
            length: 6,
            ..EncoderOptions::default()
        };
        Bert4RecOptions { encoder, batch: 64, ..Bert4RecOptions::default() }
    }

    #[test]
    fn gradients_are_those_of_differences() {
        let data = dataset(&[&[3, 1, 4, 1, 5, 9, 2, 6, 5], &[2, 4, 6, 0, 1, 3]], 10);
        check_gradient(&mut Bert4Rec::new(&data, small(), 4));
    }

    #[test]
    fn some_items_are_masked_and_the_last_where_none_is() {
        let data = chain(12);
        let model = Bert4Rec::new(&data, Bert4RecOptions { last_only: 0.5, mask: 0.3, ..small() }, 1);
        let (mut last_only, mut masked, mut sequences) = (0, 0, 0);
        let mut rng = Chance { seed: 1, step: 0, shard: 0 }.generator("masks");
        for _ in 0..2000 {
            let mut targets = Vec::new();
            let tokens = model.masked(&[5, 6, 7, 8, 9], 100, &mut rng, &mut targets);
            for (at, token) in tokens.iter().enumerate() {
                let target = targets.iter().find(|target| target.row == 100 + at).map(|target| target.item);
                assert_eq!((*token == 12).then_some(5 + at as u32), target);
            }
            last_only += usize::from(targets == [Target { row: 104, item: 9 }]);
            masked += targets.len();
            sequences += 1;
        }
        // Of half the sequences the last, of the others three tenths of five, the last where that is none.
        let none = 0.7_f64.powi(5);
        let mean = masked as f64 / f64::from(sequences);
        assert!((mean - (0.5 + 0.5 * (1.5 + none))).abs() < 0.1, "{mean} masked of five");
        assert!(last_only > 1000);
    }

    #[test]
    fn a_chain_of_items_is_learned() {
        let data = chain(12);
        let mut options = Bert4RecOptions { mask: 0.3, last_only: 0.5, ..small() };
        options.encoder = EncoderOptions { width: 16, dropout: 0.0, attention_dropout: 0.0, ..options.encoder };
        let mut model = Bert4Rec::new(&data, options, 1);
        let options = FitOptions { learning_rate: 0.02, patience: 1000, validate_every: 100, ..Bert4Rec::fit_options(1, 80) };
        trained(&mut model, &options, &data);
        let places = model.place(&data.queries(Split::Test), Listing::default());
        let first = places.iter().flatten().filter(|place| place.ahead == 0 && place.sharing == 1).count();
        assert!(first * 10 > places.len() * 9, "{first} of {} first", places.len());
        check_alone(&model, &data);
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_do_not_change_a_bit() {
        let options = Bert4Rec::fit_options(1, 2);
        testing::same_on_any_threads(|data| Bert4Rec::new(data, small(), 1), &options);
    }

    #[test]
    fn an_empty_history_and_a_catalogue_of_one_item_have_an_answer() {
        let data = dataset(&[&[0; 5]], 1);
        let mut model = Bert4Rec::new(&data, Bert4RecOptions::default(), 1);
        assert_eq!(trained(&mut model, &Bert4Rec::fit_options(1, 1), &data).recall_at_5, 1.0);
        let query = Query { user: 0, history: vec![], target: Some(0) };
        assert!(model.place(&[query], Listing::default())[0].is_some());
    }
}
