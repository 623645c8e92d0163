//! The audit of an index: one struct, serialised as `unitok audit --json` prints it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::levels::{self, Level};
use super::{Finding, PrefixPurity, findings};
use crate::recommend::Popularity;
use crate::tokens::Index;

/// Vocabulary sizes that utilisation is measured against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Codes {
    /// From the numbers in the tokens: the largest plus one; from 64 on rounded up to a power of
    /// two, from 256 on to a multiple of 256. The tokens in use where they carry no numbers.
    #[default]
    Inferred,
    /// The same for every position.
    All(usize),
    /// One for each position.
    Each(Vec<usize>),
}

/// Everything that an index says about itself (SPEC, section 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Items in the index.
    pub items: usize,
    /// Different codewords.
    pub unique_codewords: usize,
    /// `1 − unique/items`.
    pub collision_rate: f64,
    /// Share of items whose codeword is another's too.
    pub share_in_buckets: f64,
    /// Items on the most crowded codeword.
    pub max_bucket: usize,
    /// How many codewords have how many items, by size.
    pub bucket_histogram: Vec<Bucket>,
    /// Each position.
    pub levels: Vec<Level>,
    /// `I(i;j)/√(H_i H_j)` beyond chance: 1 where two positions say the same.
    pub dependence: Vec<Vec<f64>>,
    /// `I(i;j)/H_j` beyond chance, row `i`, column `j`: 1 where position `j` is a function of `i`.
    pub determination: Vec<Vec<f64>>,
    /// What was subtracted from `dependence`: its mean over random re-pairings.
    pub dependence_by_chance: Vec<Vec<f64>>,
    /// Entropy of whole codewords.
    pub codeword_entropy_bits: f64,
    /// `Σ log₂ vocabulary`: the entropy that codewords could have.
    pub capacity_bits: f64,
    /// Purity of prefixes by category, with a catalogue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix_purity: Option<Vec<PrefixPurity>>,
    /// Popularity baselines, with sequences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub popularity: Option<Popularity>,
    /// Whether some finding is a collapse.
    pub collapsed: bool,
    /// What is wrong, in words; empty where nothing is.
    pub findings: Vec<Finding>,
}

/// A line of the bucket histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Items on a codeword.
    pub size: usize,
    /// Codewords with that many.
    pub codewords: usize,
}

/// Options that do not fit the index.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AuditError {
    /// Another number of vocabulary sizes than positions.
    #[error("{given} vocabulary sizes for codewords of {width} tokens: give one for all, or one for each position")]
    Positions {
        /// Sizes given.
        given: usize,
        /// Positions of the index.
        width: usize,
    },
    /// A vocabulary smaller than what is in use.
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

/// Audits an index. Prefix purity and popularity are added by [`super::prefix_purity`] and
/// [`crate::recommend::popularity`], which need more than the index.
///
/// # Errors
/// [`AuditError`] where `codes` does not fit the index.
pub fn audit(index: &Index, codes: &Codes) -> Result<Report, AuditError> {
    let columns = levels::columns(index);
    let sizes = vocabularies(index, codes)?;
    let levels: Vec<Level> =
        columns.iter().zip(&sizes).enumerate().map(|(p, (column, &size))| levels::level(p, column, size)).collect();
    if let Some(level) = levels.iter().find(|level| level.used > level.vocabulary) {
        return Err(AuditError::Vocabulary { position: level.position, used: level.used, vocabulary: level.vocabulary });
    }
    let sorted = index.sorted();
    let same = |a: &u32, b: &u32| index.row(*a as usize) == index.row(*b as usize);
    let buckets: Vec<usize> = sorted.chunk_by(same).map(<[u32]>::len).collect();
    let (items, unique) = (index.items(), buckets.len());
    let crowded: usize = buckets.iter().filter(|&&size| size > 1).sum();
    let dependence = levels::dependence(&columns);
    let mut report = Report {
        items,
        unique_codewords: unique,
        collision_rate: 1.0 - unique as f64 / items as f64,
        share_in_buckets: crowded as f64 / items as f64,
        max_bucket: buckets.iter().copied().max().unwrap_or(0),
        bucket_histogram: histogram(&buckets),
        levels,
        dependence: dependence.symmetric,
        determination: dependence.determination,
        dependence_by_chance: dependence.chance,
        codeword_entropy_bits: super::entropy_bits(buckets),
        capacity_bits: sizes.iter().map(|&size| (size as f64).log2()).sum(),
        prefix_purity: None,
        popularity: None,
        collapsed: false,
        findings: Vec::new(),
    };
    report.findings = findings::of(&report);
    report.collapsed = findings::collapsed(&report.findings);
    Ok(report)
}

fn histogram(buckets: &[usize]) -> Vec<Bucket> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    buckets.iter().for_each(|&size| *counts.entry(size).or_default() += 1);
    counts.into_iter().map(|(size, codewords)| Bucket { size, codewords }).collect()
}

fn vocabularies(index: &Index, codes: &Codes) -> Result<Vec<usize>, AuditError> {
    let infer = |position: usize| {
        let mut seen = vec![false; index.vocabulary.len()];
        (0..index.items()).for_each(|item| seen[index.row(item)[position] as usize] = true);
        levels::infer_vocabulary(index.vocabulary.iter().zip(seen).filter(|(_, seen)| *seen).map(|(token, _)| token.as_str()))
    };
    match codes {
        Codes::Inferred => Ok((0..index.width).map(infer).collect()),
        Codes::All(size) => Ok(vec![*size; index.width]),
        Codes::Each(sizes) if sizes.len() == index.width => Ok(sizes.clone()),
        Codes::Each(sizes) => Err(AuditError::Positions { given: sizes.len(), width: index.width }),
    }
}
