//! TIGER (Rajput et al. 2023, arXiv 2305.05065): an autoencoder with residual quantization, 512-256-128 to 32, three levels
//! of 256 codes, commitment .25. Colliding items get a number of their own as a fourth token: tokenize with the policy
//! `suffix`.
//!
//! Other than in the paper, codes begin as residual k-means of all latents after a warm-up of the autoencoder, not of the
//! first batch, and unused codes are re-seeded: both help it. The refit of UniTok is left out, its decoder's steps go to
//! joint training.

use super::unitok::config::TrainConfig;
use super::unitok::options::{ModelOptions, Preset, Recipe, RecipeName, Start, Variant};
use crate::train::losses::options::LossOptions;

/// TIGER's settings.
pub fn settings() -> TrainConfig {
    TrainConfig {
        variant: Variant::UniTok1,
        model: ModelOptions {
            preset: Preset::Small,
            latent: 32,
            levels: 3,
            codes: 256,
            start: Start::Random,
            ..ModelOptions::default()
        },
        loss: LossOptions { lambda_rq: 1.0, lambda_mi: 0.0, commitment: 0.25, ..LossOptions::default() },
        recipe: Recipe {
            name: RecipeName::Tiger,
            pooled: true,
            items_per_domain: 512,
            warmup_steps: 500,
            joint_steps: 1500,
            decoder_steps: 0,
            refit_iterations: 0,
            pool_per_domain: 20_000,
            ..Recipe::default()
        },
        ..TrainConfig::default()
    }
}
