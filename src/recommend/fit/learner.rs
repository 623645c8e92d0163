//! What a model answers to be trained.

use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::weights::Weights;
use crate::recommend::recommender::Recommender;

/// Part of a batch that one thread learns from: numbers of samples, which mean what the model likes.
pub type Shard = Vec<u32>;

/// The loss of a shard.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Loss {
    /// Sum over the terms.
    pub sum: f64,
    /// Number of terms (items predicted, pairs compared): a step follows the gradient of the mean.
    pub terms: f64,
}

/// What is random in one shard of one step.
#[derive(Debug, Clone, Copy)]
pub struct Chance {
    /// The seed of the run.
    pub seed: u64,
    /// Steps done before.
    pub step: u64,
    /// Number of the shard in its batch.
    pub shard: u64,
}

impl Chance {
    /// Dropout at `rate` for this shard.
    pub fn dropout(self, rate: f32) -> Dropout {
        use rand::Rng;
        Dropout::new(rate, self.generator("dropout").next_u64())
    }

    /// Random numbers for a purpose.
    pub fn generator(self, purpose: &str) -> rand_pcg::Pcg64 {
        // Shards of one batch are fewer than 2¹⁶.
        crate::learn::seed::generator(self.seed, purpose, (self.step << 16) | self.shard)
    }
}

/// A recommender whose weights follow gradients.
pub trait Learner: Recommender {
    /// Its weights.
    fn weights(&self) -> &Weights;

    /// Its weights, to be changed.
    fn weights_mut(&mut self) -> &mut Weights;

    /// The batches of an epoch, each in shards. The same epoch gives the same batches, whatever was done before; how a
    /// batch is cut into shards does not depend on the machine.
    fn batches(&self, epoch: u64) -> Vec<Vec<Shard>>;

    /// Adds the gradient of the sum of a shard's loss to `gradient`, laid out as [`Weights::values`].
    fn learn(&self, shard: &[u32], chance: Chance, gradient: &mut [f32]) -> Loss;

    /// What follows from the weights and serves all shards of a step, and recommending: called after the weights change.
    fn weights_changed(&mut self) {}

    /// Turns the summed gradient into that of the weights, for what [`Learner::weights_changed`] made of them, and adds
    /// what depends on the weights alone. `terms` are those of the whole batch.
    fn finish_gradient(&self, _terms: f64, _gradient: &mut [f32]) {}
}
