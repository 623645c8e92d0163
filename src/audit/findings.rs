//! What is wrong with an index, in words.

use super::levels::Level;
use super::report::{Finding, Report, Severity};

/// Collision rates above this cannot be repaired by a suffix without hiding a collapse.
const COLLAPSED_COLLISIONS: f64 = 0.25;
/// Collision rates above this are worth a policy.
const HIGH_COLLISIONS: f64 = 0.05;
/// Dependence of two positions that say the same.
const SAME: f64 = 0.9;
/// Dependence that is more than the correlation of a healthy residual quantizer.
const RELATED: f64 = 0.3;
/// Share of the tokens that a healthy position would show.
const LOW_USE: f64 = 0.9;
/// Below this share the position has collapsed.
const COLLAPSED_USE: f64 = 0.1;

pub(super) fn collapsed(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Collapse)
}

pub(super) fn findings(report: &Report) -> Vec<Finding> {
    let mut findings: Vec<Finding> = collisions(report).into_iter().chain(redundant(report)).collect();
    findings.extend(report.levels.iter().filter_map(|level| level_use(level, report.items)));
    findings.extend(related(report));
    // Collapses first.
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

/// Positions that all say the same, one finding for each set of them.
fn redundant(report: &Report) -> Vec<Finding> {
    let width = report.levels.len();
    let mut told = vec![false; width];
    let mut findings = Vec::new();
    for first in 0..width {
        let same: Vec<usize> = (first..width).filter(|&p| !told[p] && report.dependence[first][p] >= SAME).collect();
        if told[first] || same.len() < 2 {
            continue;
        }
        same.iter().for_each(|&p| told[p] = true);
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

/// The strongest dependence that is not yet redundancy.
fn related(report: &Report) -> Option<Finding> {
    let width = report.levels.len();
    let pairs = (0..width).flat_map(|i| (i + 1..width).map(move |j| (i, j)));
    let strength = |&(i, j): &(usize, usize)| report.dependence[i][j];
    let between = pairs.filter(|pair| (RELATED..SAME).contains(&strength(pair)));
    let (i, j) = between.max_by(|a, b| strength(a).total_cmp(&strength(b)))?;
    Some(warning(format!(
        "positions {} and {} depend on each other ({:.2}; a healthy quantizer stays near 0)",
        i + 1,
        j + 1,
        report.dependence[i][j]
    )))
}

fn level_use(level: &Level, items: usize) -> Option<Finding> {
    let position = level.position;
    if level.used == 1 && items > 1 {
        return Some(warning(format!("position {position} is the same for every item: it says nothing")));
    }
    // So many tokens would show if items drew them evenly: a small catalogue cannot show them all.
    let vocabulary = level.vocabulary as f64;
    let expected = vocabulary * (1.0 - (1.0 - 1.0 / vocabulary).powf(items as f64));
    let message = format!("position {position} uses {} of its {} tokens", level.used, level.vocabulary);
    match level.used as f64 / expected {
        share if share < COLLAPSED_USE => Some(collapse(message)),
        share if share < LOW_USE => Some(warning(message)),
        _ => None,
    }
}
