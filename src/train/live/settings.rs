//! What can be chosen of a live run. It becomes settings of `unitok train`, so that the same run can be had natively.

use serde::Deserialize;

use crate::train::recipes::unitok::config::{TrainConfig, TrainConfigError};

/// Choices of a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "web-train", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Seed of everything random.
    pub seed: u32,
    /// Levels of a chain.
    pub levels: usize,
    /// Codes a level.
    pub codes: usize,
    /// Weight of the mutual-information loss.
    pub lambda_mi: f32,
    /// Items of a batch, of all domains together.
    pub batch: usize,
    /// Steps of the whole run.
    pub steps: usize,
    /// Whether encoder and router start at random, as in the paper's public release: one expert soon takes all items.
    pub random_start: bool,
}

impl Settings {
    /// The run as `--set` arguments, for `domains` domains of which the smallest has `smallest` items.
    pub fn assignments(&self, domains: usize, smallest: usize) -> Vec<String> {
        let Self { seed, levels, codes, lambda_mi, batch, steps, random_start } = *self;
        let warmup = (steps / 20).clamp(1, 200);
        let decoder = steps * 3 / 10;
        let per_domain = (batch / domains.max(1)).clamp(2, smallest.max(2));
        let mut sets = vec![
            format!("seed={seed}"),
            format!("model.levels={levels}"),
            format!("model.codes={codes}"),
            format!("loss.lambda_mi={lambda_mi:?}"),
            format!("recipe.items_per_domain={per_domain}"),
            format!("recipe.warmup_steps={warmup}"),
            format!("recipe.joint_steps={}", steps.saturating_sub(warmup + decoder).max(1)),
            format!("recipe.decoder_steps={decoder}"),
        ];
        if random_start {
            sets.extend(["model.start=random".into(), "recipe.router_start=random".into()]);
        }
        sets
    }

    /// The same as a configuration.
    ///
    /// # Errors
    /// A number out of its range.
    pub fn config(&self, domains: usize, smallest: usize) -> Result<TrainConfig, TrainConfigError> {
        TrainConfig::from_toml("", &self.assignments(domains, smallest))
    }
}
