//! Epochs, rates, patience.

use serde::{Deserialize, Serialize};

/// How a recommender is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitOptions {
    /// Seed of batches, dropout and negatives. The starting weights have it too.
    pub seed: u64,
    /// Epochs at most; the schedule of the learning rate ends there.
    pub epochs: usize,
    /// Largest learning rate.
    pub learning_rate: f32,
    /// Share of all steps in which the learning rate grows from 0.
    pub warmup: f32,
    /// Whether it falls along half a cosine to 2 %, or stays.
    pub cosine: bool,
    /// AdamW's first decay.
    pub beta_1: f32,
    /// AdamW's second decay.
    pub beta_2: f32,
    /// AdamW's weight decay, of the tensors that decay.
    pub weight_decay: f32,
    /// Largest norm of a gradient; 0 for no limit.
    pub clip: f32,
    /// Epochs between validations.
    pub validate_every: usize,
    /// Validations in a row without a better NDCG@10 after which training ends.
    pub patience: usize,
    /// Users asked in a validation, drawn by a fixed seed; the test asks all.
    pub validation_users: usize,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: 60,
            learning_rate: 1e-3,
            warmup: 0.03,
            cosine: true,
            beta_1: 0.9,
            beta_2: 0.98,
            weight_decay: 0.0,
            clip: 1.0,
            validate_every: 1,
            patience: 4,
            validation_users: 5000,
        }
    }
}

impl FitOptions {
    /// The learning rate of `step` of `total`.
    pub fn rate(&self, step: usize, total: usize) -> f32 {
        let total = total.max(1) as f32;
        let warmup = (self.warmup * total).max(1.0);
        let grown = ((step + 1) as f32 / warmup).min(1.0);
        let fallen = if self.cosine {
            let progress = (step as f32 / total).min(1.0);
            0.02 + 0.98 * 0.5 * (1.0 + (std::f32::consts::PI * progress).cos())
        } else {
            1.0
        };
        self.learning_rate * grown * fallen
    }
}
