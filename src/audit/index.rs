//! The audit of an index.

use std::collections::BTreeMap;

use super::dependence::dependence;
use super::entropy::entropy_bits;
use super::findings::findings;
use super::levels::{self, Level};
use super::loss::loss;
use super::report::{AuditError, Bucket, Codes, Report, Verdict};
use super::verdict::verdict;
use crate::tokens::Index;

/// Audits an index. Prefix purity, which needs categories too, is left to [`super::prefix_purity`].
///
/// # Errors
/// [`AuditError`] where `codes` does not fit the index.
pub fn audit(index: &Index, codes: &Codes) -> Result<Report, AuditError> {
    let columns = levels::columns(index);
    let sizes = vocabulary_sizes(index, codes)?;
    let levels: Vec<Level> =
        columns.iter().zip(&sizes).enumerate().map(|(p, (column, &size))| levels::level(p, column, size)).collect();
    if let Some(level) = levels.iter().find(|level| level.used > level.vocabulary) {
        return Err(AuditError::Vocabulary { position: level.position, used: level.used, vocabulary: level.vocabulary });
    }
    let sorted = index.sorted();
    let buckets: Vec<usize> = index.buckets(&sorted).map(<[u32]>::len).collect();
    let (items, unique) = (index.items(), buckets.len());
    let colliding: usize = buckets.iter().filter(|&&size| size > 1).sum();
    let dependence = dependence(&columns);
    let collision_rate = 1.0 - unique as f64 / items as f64;
    let loss = loss(&columns, &levels, collision_rate);
    let mut report = Report {
        items,
        unique_codewords: unique,
        collision_rate,
        share_in_buckets: colliding as f64 / items as f64,
        max_bucket: buckets.iter().copied().max().unwrap_or(0),
        bucket_histogram: histogram(&buckets),
        levels,
        dependence: dependence.symmetric,
        determination: dependence.determination,
        dependence_by_chance: dependence.chance,
        codeword_entropy_bits: entropy_bits(buckets),
        capacity_bits: sizes.iter().map(|&size| (size as f64).log2()).sum(),
        prefix_purity: None,
        loss,
        verdict: Verdict::Healthy,
        collapsed: false,
        findings: Vec::new(),
    };
    report.findings = findings(&report, *codes != Codes::Inferred);
    report.verdict = verdict(&report.findings);
    report.collapsed = report.verdict == Verdict::Collapsed;
    Ok(report)
}

/// Number of buckets of each size, the smallest size first.
fn histogram(buckets: &[usize]) -> Vec<Bucket> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    buckets.iter().for_each(|&size| *counts.entry(size).or_default() += 1);
    counts.into_iter().map(|(size, codewords)| Bucket { size, codewords }).collect()
}

/// `[width]` vocabulary size of each position.
fn vocabulary_sizes(index: &Index, codes: &Codes) -> Result<Vec<usize>, AuditError> {
    match codes {
        Codes::Inferred => Ok(index.inferred_sizes()),
        Codes::All(size) => Ok(vec![*size; index.width]),
        Codes::Each(sizes) if sizes.len() == index.width => Ok(sizes.clone()),
        Codes::Each(sizes) => Err(AuditError::Positions { given: sizes.len(), width: index.width }),
    }
}
