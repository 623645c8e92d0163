//! The report of an index's audit, serialised as `unitok audit --json` prints it.

use serde::Serialize;

use super::levels::Level;
use super::loss::Loss;
use super::purity::PrefixPurity;
use crate::base::words::counted;

/// Vocabulary sizes that utilisation is measured against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Codes {
    /// From the numbers in the tokens: the largest plus one; from 64 on rounded up to a power of two, from 256 on to a
    /// multiple of 256. Where some token has no number, the number of tokens in use.
    #[default]
    Inferred,
    /// This size for every position.
    All(usize),
    /// One size for each position.
    Each(Vec<usize>),
}

/// Everything measured of an index (METHOD.md, Measurement).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Report {
    /// Items in the index.
    pub items: usize,
    /// Different codewords.
    pub unique_codewords: usize,
    /// `1 − unique/items`.
    pub collision_rate: f64,
    /// Share of items that share their codeword with another item.
    pub share_in_buckets: f64,
    /// Items in the largest bucket.
    pub max_bucket: usize,
    /// How many buckets there are of each size, the smallest size first.
    pub bucket_histogram: Vec<Bucket>,
    /// One for each position.
    pub levels: Vec<Level>,
    /// `I(i;j)/√(H_i H_j)` beyond chance: 1 where two positions carry the same information.
    pub dependence: Vec<Vec<f64>>,
    /// `I(i;j)/H_j` beyond chance, row `i`, column `j`: 1 where position `j` is a function of `i`.
    pub determination: Vec<Vec<f64>>,
    /// What was subtracted from `dependence`: its mean over random re-pairings of the two positions.
    pub dependence_by_chance: Vec<Vec<f64>>,
    /// Entropy of whole codewords.
    pub codeword_entropy_bits: f64,
    /// `Σ log₂ vocabulary`: the entropy that codewords could have.
    pub capacity_bits: f64,
    /// Purity of prefixes by category, where categories are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_purity: Option<Vec<PrefixPurity>>,
    /// What the codewords lose of what they could say about items.
    pub loss: Loss,
    /// The worst of the findings.
    pub verdict: Verdict,
    /// Whether the verdict is a collapse.
    pub collapsed: bool,
    /// What is wrong or worth knowing, the worst first.
    pub findings: Vec<Finding>,
}

/// A line of the bucket histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Bucket {
    /// Items in a bucket.
    pub size: usize,
    /// Codewords with that many items.
    pub codewords: usize,
}

/// Options that do not fit the index.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AuditError {
    /// The number of vocabulary sizes is not the number of positions.
    #[error("{} for codewords of {}: give one for all, or one for each position", counted(*.given, "vocabulary size"), counted(*.width, "token"))]
    Positions {
        /// Sizes given.
        given: usize,
        /// Positions of the index.
        width: usize,
    },
    /// A vocabulary size below the number of tokens in use.
    #[error("position {position} uses {used} different tokens, more than the {vocabulary} given: give its true vocabulary size")]
    Vocabulary {
        /// Position, from 1.
        position: usize,
        /// Tokens in use.
        used: usize,
        /// Vocabulary given.
        vocabulary: usize,
    },
}

/// What an index is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Verdict {
    /// No finding but notes.
    Healthy,
    /// Usable, with warnings.
    Warned,
    /// Much of what codewords should say of items is lost.
    Collapsed,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Severity {
    /// Worth knowing, and nothing wrong.
    Note,
    /// The tokens are usable, but worse than they could be.
    Warning,
    /// The tokens have lost much of the information about items that they should carry.
    Collapse,
}

/// Something wrong, or worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in a sentence.
    pub message: String,
}
