//! Findings: what is wrong with an index, in sentences for people.

use super::levels::Level;
use super::report::{Finding, Report, Severity};

/// Collision rate above which the index counts as collapsed: a suffix would only hide it.
const COLLAPSED_COLLISIONS: f64 = 0.25;
/// Collision rate above which a collision policy is advisable.
const HIGH_COLLISIONS: f64 = 0.05;
/// Dependence from which two positions count as redundant.
const REDUNDANT: f64 = 0.9;
/// Dependence from which two positions are more correlated than in a healthy residual quantizer.
const CORRELATED: f64 = 0.3;
/// Share of the expected tokens that a healthy position uses at least.
const HEALTHY_USE: f64 = 0.9;
/// Share of the expected tokens below which a position has collapsed.
const COLLAPSED_USE: f64 = 0.1;

/// Whether some finding is a collapse.
pub(super) fn collapsed(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Collapse)
}

/// All findings, collapses first.
pub(super) fn findings(report: &Report) -> Vec<Finding> {
    let mut findings: Vec<Finding> = collisions(report).into_iter().chain(redundant_positions(report)).collect();
    findings.extend(report.levels.iter().filter_map(|level| unused_tokens(level, report.items)));
    findings.extend(strongest_correlation(report));
    let (collapses, warnings): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|finding| finding.severity == Severity::Collapse);
    [collapses, warnings].concat()
}

fn collapse(message: String) -> Finding {
    Finding { severity: Severity::Collapse, message }
}

fn warning(message: String) -> Finding {
    Finding { severity: Severity::Warning, message }
}

fn collisions(report: &Report) -> Option<Finding> {
    let share = 100.0 * report.share_in_buckets;
    let message = format!(
        "{share:.1} % of the items share their codeword with another (up to {} items on one): nothing that reads codewords can tell them apart",
        report.max_bucket
    );
    match report.collision_rate {
        rate if rate > COLLAPSED_COLLISIONS => Some(collapse(message)),
        rate if rate > HIGH_COLLISIONS => Some(warning(message)),
        _ => None,
    }
}

/// One finding for each set of positions that carry the same information.
fn redundant_positions(report: &Report) -> Vec<Finding> {
    let width = report.levels.len();
    let mut reported = vec![false; width];
    let mut findings = Vec::new();
    for first in 0..width {
        let same: Vec<usize> = (first..width).filter(|&p| !reported[p] && report.dependence[first][p] >= REDUNDANT).collect();
        if reported[first] || same.len() < 2 {
            continue;
        }
        same.iter().for_each(|&p| reported[p] = true);
        let names: Vec<String> = same.iter().map(|p| (p + 1).to_string()).collect();
        let (last, others) = names.split_last().expect("two at least");
        findings.push(collapse(format!(
            "positions {} and {last} say the same (dependence {:.2}): {} of them add next to nothing",
            others.join(", "),
            same[1..].iter().map(|&p| report.dependence[first][p]).fold(1.0, f64::min),
            same.len() - 1
        )));
    }
    findings
}

/// The strongest dependence of two positions that is not yet redundancy.
fn strongest_correlation(report: &Report) -> Option<Finding> {
    let width = report.levels.len();
    let pairs = (0..width).flat_map(|i| (i + 1..width).map(move |j| (i, j)));
    let strength = |&(i, j): &(usize, usize)| report.dependence[i][j];
    let correlated = pairs.filter(|pair| (CORRELATED..REDUNDANT).contains(&strength(pair)));
    let (i, j) = correlated.max_by(|a, b| strength(a).total_cmp(&strength(b)))?;
    Some(warning(format!(
        "positions {} and {} depend on each other ({:.2}; a healthy quantizer stays near 0)",
        i + 1,
        j + 1,
        report.dependence[i][j]
    )))
}

fn unused_tokens(level: &Level, items: usize) -> Option<Finding> {
    let position = level.position;
    if level.used == 1 && items > 1 {
        return Some(warning(format!("position {position} is the same for every item: it says nothing")));
    }
    // The tokens that would be in use if items drew them at random: a small catalogue cannot use all.
    let vocabulary = level.vocabulary as f64;
    let expected = vocabulary * (1.0 - (1.0 - 1.0 / vocabulary).powf(items as f64));
    let message = format!("position {position} uses {} of its {} tokens", level.used, level.vocabulary);
    match level.used as f64 / expected {
        share if share < COLLAPSED_USE => Some(collapse(message)),
        share if share < HEALTHY_USE => Some(warning(message)),
        _ => None,
    }
}
