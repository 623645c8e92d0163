//! What a training run does, and what is checked of it.

use serde::{Deserialize, Serialize};

use super::options::{HistoryOptions, ModelOptions, Preset, Recipe, Start, Variant};
use crate::model::{Architecture, Cooccurrence, Mix};
use crate::train::losses::options::LossOptions;
use crate::train::network::linear_start::has_room;

/// A whole run. The defaults are those that the default model was trained with: longer than the paper's, and with a
/// narrower latent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainConfig {
    /// Seed of everything random. The same seed gives the same bits on the CPU.
    pub seed: u64,
    /// Which parts of the method are on.
    pub variant: Variant,
    /// Shapes.
    pub model: ModelOptions,
    /// Loss weights.
    pub loss: LossOptions,
    /// Use of interactions.
    pub histories: HistoryOptions,
    /// Steps and schedules.
    pub recipe: Recipe,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            seed: 1,
            variant: Variant::default(),
            model: ModelOptions::default(),
            loss: LossOptions::default(),
            histories: HistoryOptions::default(),
            recipe: Recipe::default(),
        }
    }
}

/// A training configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrainConfigError {
    /// Not TOML of the expected form.
    #[error("the training configuration is not usable: {0}")]
    Toml(#[from] toml::de::Error),
    /// A `--set` argument without a value.
    #[error("--set {0}: expected key=value, for example recipe.joint_steps=4000")]
    Assignment(String),
    /// A number out of its range.
    #[error("{field} is {value}, expected {expected}")]
    Range {
        /// Dotted name.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
}

impl TrainConfig {
    /// The resolved configuration, as saved beside the weights.
    pub fn to_toml(&self) -> String {
        toml::to_string_pretty(self).expect("a training configuration has only plain fields")
    }

    /// Shapes for inputs of `width` from `domains` domains, with the variant applied.
    pub fn architecture(&self, width: usize, domains: usize) -> Architecture {
        let m = &self.model;
        let preset = match m.preset {
            Preset::Small => Architecture::small(width, domains),
            Preset::Paper => Architecture::paper(width, domains),
        };
        let hidden = if m.hidden.is_empty() { preset.hidden.clone() } else { m.hidden.clone() };
        let (experts, shared) = match self.variant {
            Variant::UniTok1 => (0, true),
            Variant::UniTok2 => (domains, false),
            Variant::UniTok3 | Variant::UniTok => (domains, true),
        };
        let top_n = m.top_n.min(experts);
        // Without a shared expert the gates are renormalised: nothing else carries the rest of ẑ.
        let mix = if self.variant == Variant::UniTok2 { Mix::Convex { weight: 1.0 } } else { m.mix };
        Architecture { hidden, latent: m.latent, levels: m.levels, codes: m.codes, experts, top_n, shared, mix, ..preset }
    }

    /// Weight of the mutual-information loss, zero in the ablations.
    pub fn lambda_mi(&self) -> f32 {
        if self.variant == Variant::UniTok { self.loss.lambda_mi } else { 0.0 }
    }

    /// Checks that every number is in its range.
    ///
    /// # Errors
    /// [`TrainConfigError::Range`].
    pub fn validate(&self) -> Result<(), TrainConfigError> {
        let (r, mixing) = (&self.recipe, &self.histories.mixing);
        let positive = "a positive number";
        let checks = [
            ("recipe.items_per_domain", r.items_per_domain >= 2, r.items_per_domain.to_string(), "at least 2"),
            ("recipe.learning_rate", r.learning_rate > 0.0, r.learning_rate.to_string(), positive),
            ("recipe.reseed_every", r.reseed_every > 0, r.reseed_every.to_string(), positive),
            ("recipe.checkpoint_every", r.checkpoint_every > 0, r.checkpoint_every.to_string(), positive),
            ("recipe.kmeans_iterations", r.kmeans_iterations > 0, r.kmeans_iterations.to_string(), positive),
            ("recipe.joint_steps", r.joint_steps > 0, r.joint_steps.to_string(), positive),
            ("recipe.final_rate", (0.0..=1.0).contains(&r.final_rate), r.final_rate.to_string(), "0 to 1"),
            ("model.top_n", self.model.top_n >= 1, self.model.top_n.to_string(), "at least 1"),
            ("histories.mixing", mixing.is_in_range(), format!("{mixing:?}"), Cooccurrence::RANGE),
            ("loss.commitment", self.loss.commitment >= 0.0, self.loss.commitment.to_string(), "0 or more"),
        ];
        let linear = self.model.start == Start::Linear && !has_room(&self.architecture(1, 1));
        if linear {
            let expected = "random, or hidden layers at least twice as wide as the latent";
            return Err(TrainConfigError::Range { field: "model.start", value: "linear".into(), expected });
        }
        match checks.into_iter().find(|c| !c.1) {
            Some((field, _, value, expected)) => Err(TrainConfigError::Range { field, value, expected }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_switch_parts_off() {
        let of = |variant| TrainConfig { variant, ..TrainConfig::default() };
        let one = of(Variant::UniTok1).architecture(384, 6);
        assert_eq!((one.experts, one.top_n, one.shared), (0, 0, true));
        let two = of(Variant::UniTok2).architecture(384, 6);
        assert_eq!((two.experts, two.shared), (6, false));
        assert_eq!(of(Variant::UniTok3).lambda_mi(), 0.0);
        assert!(of(Variant::UniTok).lambda_mi() > 0.0);
    }
}
