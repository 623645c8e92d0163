//! One run of the comparison: what was done, and what came of it. FORMATS.md has its form as JSON.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::compute::stats::bootstrap::UserScores;
use crate::compute::stats::interval::StatisticsError;
use crate::recommend::kind::Size;
use crate::recommend::placement::{Placement, ndcg_at_10};
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
    /// Users whose NDCG@10 by items is not 0, with its value.
    pub hits: Vec<(u32, f64)>,
}

impl RunId {
    /// The name of its file, without extension.
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
        name.chars().map(safe).collect()
    }
}

impl RunFile {
    /// NDCG@10 of each user.
    pub fn scores(&self) -> Vec<f64> {
        let mut scores = vec![0.0; self.run.record.users];
        for &(user, score) in &self.hits {
            if let Some(place) = scores.get_mut(user as usize) {
                *place = score;
            }
        }
        scores
    }

    /// The users of places with a score other than 0.
    pub fn hits(places: &[Option<Placement>]) -> Vec<(u32, f64)> {
        let scores = ndcg_at_10(places);
        scores.into_iter().enumerate().filter(|(_, score)| *score != 0.0).map(|(user, score)| (user as u32, score)).collect()
    }
}

/// The scores of runs that differ by their seed alone.
///
/// # Errors
/// No runs, or runs over different numbers of users.
pub fn user_scores(runs: &[&RunFile]) -> Result<UserScores, StatisticsError> {
    UserScores::new(runs.iter().map(|run| run.scores()).collect())
}
