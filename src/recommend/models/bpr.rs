//! Bayesian personalised ranking (Rendle et al., arXiv 1205.2618): what a user took scores higher than what they did not.

use rand::RngExt;
use rand_pcg::Pcg64;

use crate::base::sums::sum_in_lanes;
use crate::recommend::dataset::Dataset;
use crate::recommend::fit::batches::shuffled;
use crate::recommend::fit::learner::{Chance, Loss, Shard};

/// Interactions in a batch.
const BATCH: usize = 2048;
/// Shards of a batch: few, because each has a gradient of all vectors.
const SHARDS: usize = 4;
/// Draws after which a user is taken to have everything.
const DRAWS: usize = 32;

/// Training interactions, each to be compared with an item that its user did not take. Vectors of users come before those
/// of items: `[users + items][width]`.
#[derive(Debug, Clone)]
pub struct Pairs {
    users: usize,
    items: usize,
    width: usize,
    /// User and item of each interaction.
    interactions: Vec<(u32, u32)>,
    /// `[users]` sorted items of each, without repetitions.
    taken: Vec<Vec<u32>>,
}

impl Pairs {
    /// All training interactions, for vectors of a width.
    pub fn new(dataset: &Dataset, width: usize) -> Self {
        let users = || (0..).zip(dataset.users());
        let interactions = users().flat_map(|(number, user)| user.training.iter().map(move |&item| (number, item))).collect();
        let distinct = |mut items: Vec<u32>| {
            items.sort_unstable();
            items.dedup();
            items
        };
        let taken = users().map(|(_, user)| distinct(user.training.clone())).collect();
        Self { users: dataset.users().len(), items: dataset.items(), width, interactions, taken }
    }

    /// Number of vectors.
    pub fn rows(&self) -> usize {
        self.users + self.items
    }

    /// Every user's items, sorted, without repetitions.
    pub fn taken(&self) -> &[Vec<u32>] {
        &self.taken
    }

    /// The row of an item's vector.
    pub fn item_row(&self, item: u32) -> usize {
        self.users + item as usize
    }

    /// `[rows]` how often a row occurs in a triple, on average over all.
    pub fn occurrences(&self) -> Vec<f32> {
        let share = 1.0 / self.interactions.len().max(1) as f32;
        let mut occurrences = vec![0.0; self.users];
        occurrences.resize(self.rows(), 1.0 / self.items.max(1) as f32);
        for &(user, item) in &self.interactions {
            occurrences[user as usize] += share;
            occurrences[self.item_row(item)] += share;
        }
        occurrences
    }

    /// The batches of an epoch; samples are numbers of interactions.
    pub fn batches(&self, seed: u64, epoch: u64) -> Vec<Vec<Shard>> {
        shuffled(self.interactions.len(), BATCH, SHARDS, (seed, epoch))
    }

    /// The rows of user, item taken and item not taken of each sample. Users who took everything give none.
    pub fn triples(&self, shard: &[u32], chance: Chance) -> Vec<[usize; 3]> {
        let mut rng = chance.generator("negatives");
        let triple = |&sample: &u32| {
            let (user, item) = self.interactions[sample as usize];
            let negative = self.negative(user, &mut rng)?;
            Some([user as usize, self.item_row(item), self.item_row(negative)])
        };
        shard.iter().filter_map(triple).collect()
    }

    fn negative(&self, user: u32, rng: &mut Pcg64) -> Option<u32> {
        let taken = &self.taken[user as usize];
        let drawn = std::iter::repeat_with(|| rng.random_range(0..self.items as u32));
        drawn.take(DRAWS).find(|item| taken.binary_search(item).is_err())
    }

    /// Adds the gradient of `Σ −ln σ(⟨user, taken⟩ − ⟨user, not taken⟩)` over triples to `gradient`.
    pub fn learn(&self, vectors: &[f32], triples: &[[usize; 3]], gradient: &mut [f32]) -> Loss {
        let sum = triples.iter().map(|&triple| self.learn_triple(vectors, triple, gradient)).sum();
        Loss { sum, terms: triples.len() as f64 }
    }

    fn learn_triple(&self, vectors: &[f32], [user, taken, not]: [usize; 3], gradient: &mut [f32]) -> f64 {
        let vector = |row: usize| &vectors[row * self.width..][..self.width];
        let lead = dot(vector(user), vector(taken)) - dot(vector(user), vector(not));
        let slope = -1.0 / (1.0 + lead.exp());
        let mut add = |row: usize, scale: f32, of: usize| {
            let gradient = &mut gradient[row * self.width..][..self.width];
            gradient.iter_mut().zip(vector(of)).for_each(|(g, v)| *g += scale * v);
        };
        add(user, slope, taken);
        add(user, -slope, not);
        add(taken, slope, user);
        add(not, -slope, user);
        // ln(1 + e⁻ˣ), which neither overflows nor loses a small result.
        f64::from((-lead).max(0.0)) + f64::from((-lead.abs()).exp()).ln_1p()
    }

    /// `[items]` scores for a user, appended to `scores`.
    pub fn score(&self, vectors: &[f32], user: u32, scores: &mut Vec<f32>) {
        let (users, items) = vectors.split_at(self.users * self.width);
        let user = &users[user as usize * self.width..][..self.width];
        scores.extend(items.chunks(self.width).map(|item| dot(user, item)));
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (lanes, rest): ([f32; 16], f32) = sum_in_lanes(a, b, |a, b| a * b);
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;
    use crate::recommend::models::testing::{dataset, distance};

    #[test]
    fn triples_hold_the_interactions_and_items_that_the_user_did_not_take() {
        let pairs = Pairs::new(&dataset(&[&[0, 1, 1, 2, 3], &[0, 1, 2, 3, 4, 4, 4]], 5), 2);
        let all: Vec<u32> = (0..8).collect();
        for seed in 0..20 {
            let triples = pairs.triples(&all, Chance { seed, step: 0, shard: 0 });
            // The second user took everything.
            assert_eq!(triples.iter().map(|t| (t[0], t[1])).collect::<Vec<_>>(), [(0, 2), (0, 3), (0, 3)]);
            assert!(triples.iter().all(|triple| triple[2] >= 4));
        }
        let occurrences = pairs.occurrences();
        assert!((occurrences.iter().sum::<f32>() - 3.0).abs() < 1e-6);
    }

    #[test]
    fn gradients_match_differences_in_float64() {
        let pairs = Pairs::new(&dataset(&[&[0, 1, 2, 3, 4], &[2, 0, 3, 1, 4]], 6), 3);
        let vectors = noise(pairs.rows() * 3, 7);
        let triples = pairs.triples(&[0, 1, 2, 3, 4, 5], Chance { seed: 1, step: 0, shard: 0 });
        let exact = |vectors: &[f64]| -> f64 {
            let dot = |a: usize, b: usize| (0..3).map(|i| vectors[a * 3 + i] * vectors[b * 3 + i]).sum::<f64>();
            triples.iter().map(|&[user, taken, not]| (1.0 + (dot(user, not) - dot(user, taken)).exp()).ln()).sum()
        };
        let mut gradient = vec![0.0; vectors.len()];
        let loss = pairs.learn(&vectors, &triples, &mut gradient);
        assert!((loss.sum - exact(&vectors.iter().map(|v| f64::from(*v)).collect::<Vec<_>>())).abs() < 1e-5);
        assert!(distance(&gradient, &vectors, exact) < 1e-5);
    }
}
