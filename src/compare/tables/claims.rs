//! What is claimed of UniTok, and what these runs say of it.

use serde::Serialize;

use crate::compare::study::{Cell as Runs, Study, compare, ndcg};
use crate::compare::systems::{Group, System};
use crate::compare::table::{Cell, Table};
use crate::compute::stats::bootstrap::Comparison;

/// A comparison of two systems over the same domains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Claim {
    /// The system.
    pub system: String,
    /// The one that it is held against.
    pub against: String,
    /// Names of the domains.
    pub domains: Vec<String>,
    /// N@10 by items of the first to that of the second, and their difference.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// Whether the first is ahead.
    pub verdict: Verdict,
}

/// What an interval says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The first system is better: the whole interval is above 1.
    Ahead,
    /// It is worse.
    Behind,
    /// The interval holds 1.
    Open,
}

/// Pairs that matter, beside that of UniTok with the best tokenizer trained for each domain from text alone.
const PAIRS: [(&str, &str); 18] = [
    ("unitok", "unitok-1"),
    ("unitok", "tiger"),
    ("unitok", "lc-rec"),
    ("unitok", "letter"),
    ("unitok", "tiger-unified"),
    ("unitok", "lc-rec-unified"),
    ("unitok", "sasrec"),
    ("unitok", "graph"),
    ("unitok", "itemid"),
    ("unitok", "random"),
    ("unitok-taught", "unitok"),
    ("unitok-taught", "unitok-1"),
    ("unitok-taught", "tiger"),
    ("unitok-taught", "lc-rec"),
    ("unitok-taught", "letter"),
    ("unitok-histories", "letter"),
    ("unitok-histories", "unitok"),
    ("unitok-histories", "tiger"),
];
/// Tokenizers that are trained for each domain and read nothing but texts.
const TEXT_ONLY: [&str; 2] = ["tiger", "lc-rec"];

/// Every comparison that the runs allow, over all scored domains.
pub fn claims(study: &Study<'_>) -> Vec<Claim> {
    let domains = study.domains();
    let cells = |name: &str| study.over(name, domains.iter().copied());
    let claim = |system: &str, against: String, a: &[Runs<'_>], b: &[Runs<'_>]| {
        let comparison = compare(a, b)?;
        let (low, high) = (comparison.ratio.low, comparison.ratio.high);
        let verdict = if low > 1.0 {
            Verdict::Ahead
        } else if high < 1.0 {
            Verdict::Behind
        } else {
            Verdict::Open
        };
        let domains = domains.iter().map(ToString::to_string).collect();
        Some(Claim { system: system.into(), against, domains, comparison, verdict })
    };
    let mut claims = Vec::new();
    // The mean of the best tokenizer of each domain: what somebody reaches who may choose.
    for system in ["unitok", "unitok-taught"] {
        let (Some(unitok), Some(best)) = (cells(system), best_of_each(study, &TEXT_ONLY)) else { continue };
        let cells: Vec<Runs<'_>> = best.iter().map(|best| best.1).collect();
        let label = |name: &str| System::named(name).map_or_else(|_| name.to_owned(), |system| system.label.to_owned());
        let chosen: Vec<String> = best.iter().map(|best| label(best.0)).collect();
        let among = TEXT_ONLY.iter().filter(|name| study.over(name, domains.iter().copied()).is_some());
        let among: Vec<String> = among.map(|name| label(name)).collect();
        let against = format!("the better of {} in each domain ({})", among.join(" and "), chosen.join(", "));
        claims.extend(claim(system, against, &unitok, &cells));
    }
    for (system, against) in PAIRS {
        if let (Some(a), Some(b)) = (cells(system), cells(against)) {
            claims.extend(claim(system, against.into(), &a, &b));
        }
    }
    claims
}

fn best_of_each<'s>(study: &'s Study<'_>, names: &[&'static str]) -> Option<Vec<(&'static str, Runs<'s>)>> {
    let best = |domain: &&str| {
        let scored = names.iter().filter_map(|&name| {
            let runs = study.of(name, domain)?;
            Some((name, runs, ndcg(Some(runs))?.value))
        });
        scored.max_by(|a, b| a.2.total_cmp(&b.2)).map(|(name, runs, _)| (name, runs))
    };
    study.domains().iter().map(best).collect()
}

/// The comparisons as a table.
pub fn table(study: &Study<'_>) -> Table {
    let columns = ["system", "against", "ratio of N@10", "difference", "verdict"];
    let mut table = Table::new("claims", format!("Systems side by side, mean over {}", study.domains().join(", ")), &columns);
    table.note = format!(
        "User by user, with 95 % intervals over users and seeds: ahead or behind where the interval of the ratio does not hold 1, \
         open where it does. {}",
        study.seeds_note()
    );
    for claim in claims(study) {
        let label = |name: &str| System::named(name).map_or_else(|_| name.to_owned(), |system| system.label.into());
        table.push(vec![
            Cell::text(label(&claim.system)),
            Cell::text(label(&claim.against)),
            Cell::Estimate(claim.comparison.ratio),
            Cell::Estimate(claim.comparison.difference),
            Cell::text(match claim.verdict {
                Verdict::Ahead => "ahead",
                Verdict::Behind => "behind",
                Verdict::Open => "open",
            }),
        ]);
    }
    table
}

/// In words, what of the paper's table of accuracy is found here, domain by domain.
pub fn agreement(study: &Study<'_>) -> Vec<String> {
    let domains = study.domains();
    domains.iter().flat_map(|domain| [leader(study, domain), order(study, domain), near(study, domain)]).flatten().collect()
}

/// Whether UniTok leads, as the paper says of every domain.
fn leader(study: &Study<'_>, domain: &str) -> Option<String> {
    let unitok = study.of("unitok", domain)?;
    let others = study.systems().filter(|system| matches!(system.group, Group::Collaborative | Group::PerDomain));
    let scored = others.filter_map(|system| {
        let runs = study.of(system.name, domain)?;
        Some((system.label, runs, ndcg(Some(runs))?.value))
    });
    let (label, best, _) = scored.max_by(|a, b| a.2.total_cmp(&b.2))?;
    let ratio = compare(&[unitok], &[best])?.ratio;
    let found = match (ratio.low > 1.0, ratio.high < 1.0) {
        (true, _) => "agrees with the paper, where UniTok leads",
        (_, true) => "contradicts the paper, where UniTok leads",
        _ => "leaves open whether UniTok leads, as in the paper",
    };
    Some(format!(
        "{domain}: UniTok has {:.2} times the N@10 of the best other system, {label} (95 % interval {:.2} to {:.2}): this {found}.",
        ratio.value, ratio.low, ratio.high
    ))
}

/// Whether systems are ranked as in the paper; nothing where there are so few that any order is as likely.
fn order(study: &Study<'_>, domain: &str) -> Option<String> {
    use crate::compute::stats::spearman::{Points, spearman_interval};
    let both = study.systems().filter_map(|system| {
        let paper = study.reference.paper(system.name, domain, false)?;
        Some((ndcg(study.of(system.name, domain))?.value, paper))
    });
    let (ours, papers): (Vec<f64>, Vec<f64>) = both.unzip();
    let rho = spearman_interval(&[Points::new(&ours, &papers).ok()?], 1000, 1)?;
    if ours.len() <= 3 || (rho.low <= -1.0 && rho.high >= 1.0) {
        return None;
    }
    Some(format!(
        "{domain}: the order of {} systems correlates with the paper's by {:.2} (95 % interval {:.2} to {:.2}).",
        ours.len(),
        rho.value,
        rho.low,
        rho.high
    ))
}

/// How near scores are to those that others measured by items.
fn near(study: &Study<'_>, domain: &str) -> Option<String> {
    let parts: Vec<String> = study
        .systems()
        .filter_map(|system| {
            let (low, high) = study.reference.anchors(system.name, domain)?;
            let own = ndcg(study.of(system.name, domain))?;
            let place = match own.value {
                value if value < low => format!("{:.2} times the lowest", value / low),
                value if value > high => format!("{:.2} times the highest", value / high),
                _ => "among them".into(),
            };
            Some(format!("{} {:.4} [{:.4}, {:.4}], {place} ({low:.4} to {high:.4})", system.label, own.value, own.low, own.high))
        })
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "{domain}: beside independent measurements, with recommenders of {} size here: {}.",
            study.scope.preset.size,
            parts.join("; ")
        )
    })
}
