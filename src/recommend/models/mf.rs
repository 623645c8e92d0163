//! Matrix factorisation: a vector for every user and item, whose products rank as in [`Pairs`].

use serde::{Deserialize, Serialize};

use super::bpr::Pairs;
use crate::learn::parameters::Group;
use crate::recommend::dataset::{Dataset, Query};
use crate::recommend::fit::learner::{Chance, Learner, Loss, Shard};
use crate::recommend::fit::options::FitOptions;
use crate::recommend::network::weights::{Start, Weights};
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender, place_by_scores};

/// Size and penalty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Length of a vector.
    pub width: usize,
    /// Half of this times the squared norms of a triple's vectors joins its loss.
    pub penalty: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 64, penalty: 1e-4 }
    }
}

/// Ranks items by their products with the user.
#[derive(Debug, Clone)]
pub struct MatrixFactorization {
    options: Options,
    seed: u64,
    pairs: Pairs,
    weights: Weights,
}

impl MatrixFactorization {
    /// Before training: random vectors.
    pub fn new(dataset: &Dataset, options: Options, seed: u64) -> Self {
        let pairs = Pairs::new(dataset, options.width);
        let mut weights = Weights::new(seed);
        weights.add("vectors", [pairs.rows(), options.width], Group::NoDecay, Start::Normal(0.1));
        Self { options, seed, pairs, weights }
    }

    /// Adam at a constant rate.
    pub fn fit_options(seed: u64, epochs: usize) -> FitOptions {
        FitOptions {
            seed,
            epochs,
            learning_rate: 1e-3,
            warmup: 0.0,
            cosine: false,
            beta_2: 0.999,
            clip: 0.0,
            validate_every: 5,
            patience: 4,
            ..FitOptions::default()
        }
    }
}

impl Recommender for MatrixFactorization {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        place_by_scores(queries, listing, |query, scores| self.pairs.score(&self.weights.values, query.user, scores))
    }
}

impl Learner for MatrixFactorization {
    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn batches(&self, epoch: u64) -> Vec<Vec<Shard>> {
        self.pairs.batches(self.seed, epoch)
    }

    fn learn(&self, shard: &[u32], chance: Chance, gradient: &mut [f32]) -> Loss {
        let vectors = &self.weights.values;
        let triples = self.pairs.triples(shard, chance);
        let mut loss = self.pairs.learn(vectors, &triples, gradient);
        for row in triples.into_flattened() {
            let values = row * self.options.width..(row + 1) * self.options.width;
            let vector = &vectors[values.clone()];
            loss.sum += 0.5 * f64::from(self.options.penalty) * vector.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
            gradient[values].iter_mut().zip(vector).for_each(|(g, v)| *g += self.options.penalty * v);
        }
        loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::models::testing::{self, communities, dataset, distance, trained};

    #[test]
    fn gradients_match_differences_in_float64() {
        let data = dataset(&[&[0, 1, 2, 3, 4], &[2, 0, 3, 1, 4]], 6);
        let model = MatrixFactorization::new(&data, Options { width: 3, penalty: 0.3 }, 5);
        let (all, chance) = ([0, 1, 2, 3, 4, 5], Chance { seed: 1, step: 0, shard: 0 });
        let triples = model.pairs.triples(&all, chance);
        let exact = |vectors: &[f64]| -> f64 {
            let dot = |a: usize, b: usize| (0..3).map(|i| vectors[a * 3 + i] * vectors[b * 3 + i]).sum::<f64>();
            let loss = |&[user, taken, not]: &[usize; 3]| {
                let penalty: f64 = [user, taken, not].map(|row| 0.15 * dot(row, row)).iter().sum();
                penalty + (1.0 + (dot(user, not) - dot(user, taken)).exp()).ln()
            };
            triples.iter().map(loss).sum()
        };
        let values = model.weights.values.clone();
        let mut gradient = vec![0.0; values.len()];
        let loss = model.learn(&all, chance, &mut gradient);
        assert!((loss.sum - exact(&values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>())).abs() < 1e-5);
        assert!(distance(&gradient, &values, exact) < 1e-5);
    }

    #[test]
    fn items_of_a_users_community_come_first() {
        let data = communities();
        let options = FitOptions { learning_rate: 0.02, ..MatrixFactorization::fit_options(1, 40) };
        let mut model = MatrixFactorization::new(&data, Options { width: 8, ..Options::default() }, 1);
        assert!(trained(&mut model, &options, &data).recall_at_10 > 0.95);
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_do_not_change_a_bit() {
        let options = MatrixFactorization::fit_options(1, 2);
        testing::same_on_any_threads(
            |data| MatrixFactorization::new(data, Options { width: 8, ..Options::default() }, 1),
            &options,
        );
    }

    #[test]
    fn a_catalogue_of_one_item_teaches_nothing() {
        let data = dataset(&[&[0; 5]], 1);
        let mut model = MatrixFactorization::new(&data, Options::default(), 1);
        assert_eq!(trained(&mut model, &MatrixFactorization::fit_options(1, 1), &data).recall_at_5, 1.0);
    }
}
