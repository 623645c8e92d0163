//! LightGCN (He et al., arXiv 2002.02126): vectors of users and items, averaged over the neighbours in the graph of
//! interactions, whose products rank as in [`Pairs`].

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::bpr::Pairs;
use crate::base::parallel::fill_chunks;
use crate::learn::parameters::Group;
use crate::recommend::dataset::{Dataset, Query};
use crate::recommend::fit::learner::{Chance, Learner, Loss, Shard};
use crate::recommend::fit::options::FitOptions;
use crate::recommend::network::weights::{Start, Weights};
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender, place_by_scores};

/// Rows of a product that one thread makes at a time.
const CHUNK: usize = 64;

/// Size and penalty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// Length of a vector.
    pub width: usize,
    /// Steps along the graph.
    pub layers: usize,
    /// Half of this times the squared norms of a triple's own vectors joins its loss.
    pub penalty: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 64, layers: 3, penalty: 1e-4 }
    }
}

/// Ranks items by the products of propagated vectors.
#[derive(Debug, Clone)]
pub struct LightGcn {
    options: Options,
    seed: u64,
    pairs: Pairs,
    graph: Adjacency,
    /// `[rows]` how often each occurs in a triple.
    occurrences: Vec<f32>,
    weights: Weights,
    /// The vectors after propagation.
    propagated: Vec<f32>,
}

impl LightGcn {
    /// Before training: random vectors.
    pub fn new(dataset: &Dataset, options: Options, seed: u64) -> Self {
        let pairs = Pairs::new(dataset, options.width);
        let mut weights = Weights::new(seed);
        weights.add("vectors", [pairs.rows(), options.width], Group::NoDecay, Start::Normal(0.1));
        let (graph, occurrences) = (Adjacency::new(&pairs), pairs.occurrences());
        let mut model = Self { options, seed, pairs, graph, occurrences, weights, propagated: Vec::new() };
        model.weights_changed();
        model
    }

    /// Adam at a constant rate.
    pub fn fit_options(seed: u64, epochs: usize) -> FitOptions {
        super::mf::MatrixFactorization::fit_options(seed, epochs)
    }

    /// The mean of a matrix and its products with `Â`, `Â²`, … A symmetric map, and so its own transpose.
    fn propagate(&self, vectors: &[f32]) -> Vec<f32> {
        let mut sum = vectors.to_vec();
        let mut layer = vectors.to_vec();
        for _ in 0..self.options.layers {
            layer = self.graph.multiply(&layer, self.options.width);
            sum.iter_mut().zip(&layer).for_each(|(sum, value)| *sum += value);
        }
        let scale = 1.0 / (self.options.layers + 1) as f32;
        sum.iter_mut().for_each(|value| *value *= scale);
        sum
    }
}

impl Recommender for LightGcn {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        place_by_scores(queries, listing, |query, scores| self.pairs.score(&self.propagated, query.user, scores))
    }
}

impl Learner for LightGcn {
    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn batches(&self, epoch: u64) -> Vec<Vec<Shard>> {
        self.pairs.batches(self.seed, epoch)
    }

    /// The gradient of the propagated vectors.
    fn learn(&self, shard: &[u32], chance: Chance, gradient: &mut [f32]) -> Loss {
        self.pairs.learn(&self.propagated, &self.pairs.triples(shard, chance), gradient)
    }

    fn weights_changed(&mut self) {
        self.propagated = self.propagate(&self.weights.values);
    }

    /// The penalty's gradient is its mean over all triples, not over those of the batch.
    fn finish_gradient(&self, _terms: f64, gradient: &mut [f32]) {
        gradient.copy_from_slice(&self.propagate(gradient));
        let width = self.options.width;
        let rows = gradient.chunks_mut(width).zip(self.weights.values.chunks(width));
        for ((gradient, vector), occurrences) in rows.zip(&self.occurrences) {
            let scale = self.options.penalty * occurrences;
            gradient.iter_mut().zip(vector).for_each(|(g, v)| *g += scale * v);
        }
    }
}

/// The graph's matrix `Â = D^-½ A D^-½`, row by row.
#[derive(Debug, Clone)]
struct Adjacency {
    /// `[rows]` where the neighbours of each row are.
    ranges: Vec<Range<usize>>,
    /// Row and weight of each neighbour.
    neighbours: Vec<(u32, f32)>,
}

impl Adjacency {
    fn new(pairs: &Pairs) -> Self {
        let mut lists = vec![Vec::new(); pairs.rows()];
        for (user, taken) in pairs.taken().iter().enumerate() {
            for row in taken.iter().map(|&item| pairs.item_row(item)) {
                lists[user].push(row);
                lists[row].push(user);
            }
        }
        let weight = |a: usize, b: usize| 1.0 / (lists[a].len() as f32 * lists[b].len() as f32).sqrt();
        let (mut ranges, mut neighbours) = (Vec::new(), Vec::new());
        for (row, list) in lists.iter().enumerate() {
            ranges.push(neighbours.len()..neighbours.len() + list.len());
            neighbours.extend(list.iter().map(|&other| (other as u32, weight(row, other))));
        }
        Self { ranges, neighbours }
    }

    /// `Â x` on all threads. Each row is summed in the order of its neighbours.
    fn multiply(&self, x: &[f32], width: usize) -> Vec<f32> {
        let mut product = vec![0.0; x.len()];
        fill_chunks(
            (&self.ranges, CHUNK),
            (&mut product, CHUNK * width),
            || (),
            |(), ranges, product| {
                for (range, sum) in ranges.iter().zip(product.chunks_mut(width)) {
                    for &(row, weight) in &self.neighbours[range.clone()] {
                        sum.iter_mut().zip(&x[row as usize * width..][..width]).for_each(|(s, v)| *s += weight * v);
                    }
                }
            },
        );
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::models::testing::{self, communities, dataset, distance, trained};

    const WIDTH: usize = 3;

    fn small() -> LightGcn {
        let data = dataset(&[&[0, 1, 0, 3, 4], &[2, 0, 3, 1, 4], &[1, 1, 2, 4, 4]], 6);
        LightGcn::new(&data, Options { width: WIDTH, layers: 2, penalty: 0.3 }, 5)
    }

    /// Propagation by dense products in float64.
    fn dense(model: &LightGcn, vectors: &[f64]) -> Vec<f64> {
        let rows = model.pairs.rows();
        let mut adjacent = vec![vec![0.0_f64; rows]; rows];
        for (user, taken) in model.pairs.taken().iter().enumerate() {
            for item in taken.iter().map(|&item| model.pairs.item_row(item)) {
                (adjacent[user][item], adjacent[item][user]) = (1.0, 1.0);
            }
        }
        let degree: Vec<f64> = adjacent.iter().map(|row| row.iter().sum::<f64>().max(1.0)).collect();
        let (mut layer, mut sum) = (vectors.to_vec(), vectors.to_vec());
        for _ in 0..model.options.layers {
            let term = |i: usize, j: usize, k: usize| adjacent[i][j] / (degree[i] * degree[j]).sqrt() * layer[j * WIDTH + k];
            layer = (0..rows * WIDTH).map(|at| (0..rows).map(|j| term(at / WIDTH, j, at % WIDTH)).sum()).collect();
            sum.iter_mut().zip(&layer).for_each(|(sum, value)| *sum += value);
        }
        sum.iter().map(|value| value / (model.options.layers + 1) as f64).collect()
    }

    #[test]
    fn propagation_matches_dense_products_in_float64() {
        let model = small();
        let exact = dense(&model, &model.weights.values.iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
        assert!(model.propagated.iter().zip(&exact).all(|(got, exact)| (f64::from(*got) - exact).abs() < 1e-7));
        // An item that nobody took keeps a share of its own vector.
        let alone = model.pairs.item_row(5) * WIDTH;
        assert!((model.propagated[alone] - model.weights.values[alone] / 3.0).abs() < 1e-7);
    }

    #[test]
    fn gradients_match_differences_in_float64() {
        let model = small();
        let (all, chance) = ([0, 1, 2, 3, 4, 5, 6, 7, 8], Chance { seed: 1, step: 0, shard: 0 });
        let triples = model.pairs.triples(&all, chance);
        let exact = |own: &[f64]| -> f64 {
            let vectors = dense(&model, own);
            let dot = |a: usize, b: usize| (0..WIDTH).map(|i| vectors[a * WIDTH + i] * vectors[b * WIDTH + i]).sum::<f64>();
            let loss = |&[user, taken, not]: &[usize; 3]| (1.0 + (dot(user, not) - dot(user, taken)).exp()).ln();
            let squares = own.chunks(WIDTH).map(|row| row.iter().map(|v| v * v).sum::<f64>());
            let penalty: f64 = squares.zip(&model.occurrences).map(|(square, &n)| 0.15 * square * f64::from(n)).sum();
            triples.iter().map(loss).sum::<f64>() / triples.len() as f64 + penalty
        };
        let mut gradient = vec![0.0; model.weights.len()];
        let terms = model.learn(&all, chance, &mut gradient).terms;
        gradient.iter_mut().for_each(|g| *g /= terms as f32);
        model.finish_gradient(terms, &mut gradient);
        assert!(distance(&gradient, &model.weights.values, exact) < 1e-5);
    }

    #[test]
    fn items_of_a_users_community_come_first() {
        let data = communities();
        let options = FitOptions { learning_rate: 0.02, ..LightGcn::fit_options(1, 10) };
        let mut model = LightGcn::new(&data, Options { width: 8, ..Options::default() }, 1);
        assert!(trained(&mut model, &options, &data).recall_at_10 > 0.95);
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_do_not_change_a_bit() {
        let options = LightGcn::fit_options(1, 2);
        testing::same_on_any_threads(|data| LightGcn::new(data, Options { width: 8, ..Options::default() }, 1), &options);
    }
}
