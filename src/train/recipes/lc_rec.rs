//! LC-Rec (Zheng et al. 2024, arXiv 2311.09049): TIGER's network with four levels and *uniform semantic mapping*: in
//! training, the codes of the last level are assigned to each batch by balanced transport (Sinkhorn, ε .003, 50
//! iterations). Colliding items are assigned anew in the same way in the end: tokenize with the policy `sinkhorn`.
//!
//! The paper's encoder is wider, 2048-1024-512-256-128-64 to 32 (`--set model.preset=paper`). Here its widths are those of
//! all others, so that tokenizers are compared at equal numbers of parameters.

use super::tiger;
use super::unitok::config::TrainConfig;
use super::unitok::options::{ModelOptions, Recipe, RecipeName};
use crate::train::losses::options::LossOptions;

/// LC-Rec's settings.
pub fn settings() -> TrainConfig {
    let tiger = tiger::settings();
    TrainConfig {
        model: ModelOptions { levels: 4, ..tiger.model },
        loss: LossOptions { uniform_last_level: true, ..tiger.loss },
        recipe: Recipe { name: RecipeName::LcRec, ..tiger.recipe },
        ..tiger
    }
}
