//! The collision policies and their names.

use std::fmt;
use std::str::FromStr;

use crate::tokens::TokensError;
use crate::tokens::names::{by_name, name_of};

/// A collision policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Policy {
    /// Leave collisions as they are.
    #[default]
    Keep,
    /// One more token for every item: its number within its bucket (TIGER).
    Suffix,
    /// Choose the last codes of colliding items anew by balanced entropic transport (LC-Rec).
    Sinkhorn,
    /// Give items that are equal up to the last code different last codes, at the least added distortion.
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
        by_name(&POLICIES, "collision policy", name)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name_of(&POLICIES, self))
    }
}
