//! The collision policies by name.

use std::fmt;
use std::str::FromStr;

use crate::tokens::TokensError;

/// A collision policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Policy {
    /// Leave collisions as they are.
    #[default]
    Keep,
    /// An extra token on every item, numbering the items of a bucket (TIGER).
    Suffix,
    /// Re-assign the last level within buckets by balanced entropic transport (LC-Rec).
    Sinkhorn,
    /// Re-assign the last level one-to-one at least added distortion, within capacity.
    Assign,
}

const POLICIES: [(&str, Policy); 4] =
    [("keep", Policy::Keep), ("suffix", Policy::Suffix), ("sinkhorn", Policy::Sinkhorn), ("assign", Policy::Assign)];

impl Policy {
    /// Whether the policy needs `z` in the batch.
    pub fn needs_latents(self) -> bool {
        matches!(self, Self::Sinkhorn | Self::Assign)
    }
}

impl FromStr for Policy {
    type Err = TokensError;
    fn from_str(name: &str) -> Result<Self, TokensError> {
        let found = POLICIES.iter().find(|p| p.0 == name).map(|p| p.1);
        found.ok_or(TokensError::Name { what: "collision policy", name: name.into(), choices: "keep, suffix, sinkhorn, assign" })
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(POLICIES.iter().find(|p| p.1 == *self).map_or("", |p| p.0))
    }
}
