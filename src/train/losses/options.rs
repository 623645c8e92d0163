//! What can be chosen of the losses, and the defaults.

use serde::{Deserialize, Serialize};

/// Loss weights (see the section "Losses" of `METHOD.md`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossOptions {
    /// λ_rq.
    pub lambda_rq: f32,
    /// λ_mi. The default suits the scale-free estimate; the paper's is .03, which beside a
    /// reconstruction loss of order 100 does nothing.
    pub lambda_mi: f32,
    /// β: weight of the mean against the variance of the domains' information.
    pub beta: f32,
    /// α: commitment.
    pub commitment: f32,
    /// Which estimate of mutual information.
    pub information: Information,
    /// Whether the codes of the last level are assigned in balance over each batch (LC-Rec's uniform semantic mapping).
    pub uniform_last_level: bool,
    /// Weight of the alignment of latents with collaborative vectors (LETTER's α), for losses that are means over
    /// features: beside sums it is multiplied by the input's width. 0 leaves it out.
    pub alignment: f32,
    /// Weight of the diversity of codes (LETTER's β), for losses that are means over features: beside sums it is multiplied
    /// by the latent's width. 0 leaves it out.
    pub diversity: f32,
}

impl Default for LossOptions {
    fn default() -> Self {
        Self {
            lambda_rq: 1.0,
            lambda_mi: 10.0,
            beta: 1.0,
            commitment: 0.25,
            information: Information::default(),
            uniform_last_level: false,
            alignment: 0.0,
            diversity: 0.0,
        }
    }
}

/// Estimates of mutual information between inputs and latents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Information {
    /// Biased HSIC, as in the paper; of order 0.006 here.
    Hsic,
    /// `HSIC(X,Z) / √(HSIC(X,X) HSIC(Z,Z))`, in [0, 1].
    #[default]
    ScaleFree,
}
