//! UniTok as the paper sets it (arXiv 2511.12922): hidden widths 2048-1024-512-256-128-64 to 32, four levels of 256 codes,
//! one routed expert an item, λ_rq 1, and λ_mi .03 with the plain Hilbert–Schmidt criterion.
//!
//! The phases and their lengths are those of the default recipe: without such a start one expert takes every item, and the
//! paper's 10,000 epochs are far more than it needs.

use super::unitok::config::TrainConfig;
use super::unitok::options::{ModelOptions, Preset, Recipe, RecipeName, Start};
use crate::train::losses::options::{Information, LossOptions};

/// The paper's settings.
pub fn settings() -> TrainConfig {
    TrainConfig {
        model: ModelOptions {
            preset: Preset::Paper,
            latent: 32,
            levels: 4,
            codes: 256,
            top_n: 1,
            start: Start::Random,
            ..ModelOptions::default()
        },
        loss: LossOptions { lambda_rq: 1.0, lambda_mi: 0.03, information: Information::Hsic, ..LossOptions::default() },
        recipe: Recipe { name: RecipeName::UniTokPaper, warmup_steps: 1000, ..Recipe::default() },
        ..TrainConfig::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Architecture;

    #[test]
    fn its_model_is_that_of_the_papers_table() {
        let config = TrainConfig::from_toml("", &["recipe.name=unitok-paper".into()]).unwrap();
        assert_eq!(config, settings());
        let architecture = config.architecture(768, 10);
        assert_eq!(architecture, Architecture::paper(768, 10));
        let parameters = architecture.parameters();
        assert_eq!((parameters.autoencoder, parameters.codebooks, parameters.router), (8_745_632, 360_448, 330));
        assert_eq!(config.lambda_mi(), 0.03);
    }
}
