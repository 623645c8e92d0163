//! One run of the comparison: what was done, and what came of it. FORMATS.md has its form as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::hash::fnv1a;
use crate::recommend::kind::Size;
use crate::recommend::placement::{Metrics, Placement};
use crate::recommend::record::RunRecord;

/// What a system's tokenizer was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Training {
    /// Nothing: the system has no tokenizer that learns.
    None,
    /// The domain that is scored, alone.
    Domain,
    /// All domains together.
    Unified,
    /// Other domains than the one that is scored.
    ZeroShot,
}

/// What identifies a run among those of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunId {
    /// The catalogue.
    pub domain: String,
    /// The system, by its name.
    pub system: String,
    /// What its tokenizer was trained on.
    pub training: Training,
    /// Settings of the tokenizer other than the system's own, as `key=value`, separated by spaces.
    pub settings: String,
    /// The recommender, by its name.
    pub recommender: String,
    /// The preset.
    pub preset: String,
    /// The seed of tokenizer and recommender.
    pub seed: u64,
}

/// A run as a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Which one.
    #[serde(flatten)]
    pub id: RunId,
    /// Size of the recommender.
    pub size: Size,
    /// What was measured.
    #[serde(flatten)]
    pub record: RunRecord,
    /// The tokens, where the recommender reads some.
    pub tokens: Option<TokenFacts>,
    /// The command that makes it.
    pub command: String,
}

/// What is known of the tokens that a run was given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenFacts {
    /// Domains that the tokenizer was trained on.
    pub trained_on: Vec<String>,
    /// Numbers that its training changes.
    pub parameters: usize,
    /// Seconds of its training.
    pub seconds: f64,
    /// Tokens in a codeword.
    pub width: usize,
    /// Items.
    pub items: usize,
    /// Different codewords.
    pub unique: usize,
    /// What the tokenizer measured of itself; names differ by tokenizer.
    pub measured: Map<String, Value>,
    /// What the tokens are worth by measures that train no recommender.
    pub quality: Map<String, Value>,
}

/// A run as it is kept: with what it depends on, and each user's score, for comparisons user by user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFile {
    /// What it depends on, a line for each.
    pub fingerprint: String,
    /// The result.
    pub run: Run,
    /// Mean loss and validation NDCG@10 of each epoch.
    pub epochs: Vec<(f64, Option<f64>)>,
    /// Users whose target is among the first ten items or codewords of their list: number of the user, items ahead, items
    /// that share the place, codewords ahead.
    pub hits: Vec<(u32, u32, u32, u32)>,
}

impl RunId {
    /// The name of its file, without extension. Where a character had to be replaced, a hash keeps names different.
    pub fn file_name(&self) -> String {
        let mut name = format!("{}.{}", self.domain, self.system);
        if self.training == Training::ZeroShot {
            name.push_str(".zero-shot");
        }
        if !self.settings.is_empty() {
            name.push('.');
            name.push_str(&self.settings);
        }
        name.push_str(&format!(".{}.{}.{}", self.recommender, self.preset, self.seed));
        let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.=".contains(c) { c } else { '_' };
        let cleaned: String = name.chars().map(safe).collect();
        if cleaned == name { name } else { format!("{cleaned}.{:08x}", fnv1a(name.bytes()) as u32) }
    }
}

/// A metric of one user.
pub type Metric = fn(&Metrics) -> f64;

impl RunFile {
    /// A metric of each user, by items or by codewords.
    pub fn scores(&self, by: By, metric: Metric) -> Vec<f64> {
        let mut scores = vec![0.0; self.run.record.users];
        for &(user, ahead, sharing, codewords_ahead) in &self.hits {
            if let Some(score) = scores.get_mut(user as usize) {
                let place = [Some(Placement { ahead, sharing, codewords_ahead })];
                let of_user = if by == By::Items { Metrics::of_items(&place) } else { Metrics::of_codewords(&place) };
                *score = metric(&of_user);
            }
        }
        scores
    }

    /// The users of places that are within the first ten.
    pub fn hits(places: &[Option<Placement>]) -> Vec<(u32, u32, u32, u32)> {
        let placed = places.iter().enumerate().filter_map(|(user, place)| Some((user as u32, (*place)?)));
        let within = placed.filter(|(_, place)| place.ahead.min(place.codewords_ahead) < 10);
        within.map(|(user, place)| (user, place.ahead, place.sharing, place.codewords_ahead)).collect()
    }
}

/// What is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Items.
    Items,
    /// Codewords: any item of the target's codeword is a hit.
    Codewords,
}
