//! The paper's three theorems as checks on what was trained.

use serde::Serialize;

use super::run::TokenFacts;
use super::study::{Study, ndcg};
use super::table::{Cell, Table};
use crate::compute::stats::interval::Interval;
use crate::compute::stats::spearman::{Points, spearman_interval};

/// What a theorem says, and whether these runs agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Its number in the paper.
    pub theorem: usize,
    /// What it says.
    pub claim: String,
    /// What was found.
    pub found: String,
    /// Whether the claim holds here; none where the runs cannot tell.
    pub holds: Option<bool>,
}

/// Information's variance and the spread of scores over domains, of one tokenizer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// The tokenizer, with a changed setting.
    pub system: String,
    /// Variance over domains of the scale-free HSIC between input and latent.
    pub information_variance: f64,
    /// Standard deviation over domains of N@10, relative to each domain's mean over tokenizers.
    pub score_spread: f64,
}

/// The checks that the runs allow.
pub fn checks(study: &Study<'_>) -> Vec<Check> {
    [entropy(study), error(study), stability(study)].into_iter().flatten().collect()
}

/// Theorem 1: experts give tokens more entropy.
fn entropy(study: &Study<'_>) -> Option<Check> {
    let (one, all) = (figure(study, "unitok-1", "codeword_entropy_bits")?, figure(study, "unitok", "codeword_entropy_bits")?);
    Some(Check {
        theorem: 1,
        claim: "the codewords of UniTok have more entropy than those of one set of codebooks".into(),
        found: format!("{all:.2} bits against {one:.2}, before collisions are resolved"),
        holds: Some(all > one),
    })
}

/// Theorem 2: experts quantize with less error.
fn error(study: &Study<'_>) -> Option<Check> {
    let (one, all) = (figure(study, "unitok-1", "q")?, figure(study, "unitok", "q")?);
    Some(Check {
        theorem: 2,
        claim: "UniTok quantizes with less error than one set of codebooks".into(),
        found: format!("{all:.3} of the latent's variance is unexplained, against {one:.3}"),
        holds: Some(all < one),
    })
}

/// Theorem 3: performance varies less over domains where information does.
fn stability(study: &Study<'_>) -> Option<Check> {
    let claim = "where information varies less over domains, so does performance".into();
    let spreads = spreads(study);
    let (x, y): (Vec<f64>, Vec<f64>) = spreads.iter().map(|spread| (spread.information_variance, spread.score_spread)).unzip();
    let rho: Interval = spearman_interval(&[Points::new(&x, &y).ok()?], 1000, 1).filter(|_| x.len() > 2)?;
    let found = format!(
        "over {} tokenizers the two correlate by {:.2} (Spearman, 95 % interval {:.2} to {:.2})",
        x.len(),
        rho.value,
        rho.low,
        rho.high
    );
    let holds = if rho.low > 0.0 { Some(true) } else { (rho.high < 0.0).then_some(false) };
    Some(Check { theorem: 3, claim, found, holds })
}

/// Every unified tokenizer that measured its information, over the scored domains (the paper's Figure 8).
pub fn spreads(study: &Study<'_>) -> Vec<Spread> {
    let domains = study.domains();
    if domains.len() < 2 {
        return Vec::new();
    }
    let sweeps = &study.scope.preset.sweeps;
    let changes = sweeps.iter().flat_map(|sweep| sweep.changes().map(|change| (sweep.system.as_str(), change)));
    let plain = study.systems().map(|system| (system.name, String::new()));
    let all = plain.chain(changes);
    let scored: Vec<(String, f64, Vec<f64>)> = all
        .filter_map(|(name, change)| {
            let cells: Vec<_> = domains.iter().map(|domain| study.changed(name, domain, &change)).collect::<Option<_>>()?;
            let variance = number(cells[0][0].run.tokens.as_ref()?, "hsic_scale_free_variance")?;
            let unified = cells[0][0].run.tokens.as_ref()?.trained_on.len() > 1;
            let scores: Vec<f64> = cells.iter().map(|cell| Some(ndcg(Some(cell))?.value)).collect::<Option<_>>()?;
            let label = if change.is_empty() { name.to_owned() } else { format!("{name}, {change}") };
            (unified && name != "popularity-by-code").then_some((label, variance, scores))
        })
        .collect();
    let mean = |domain: usize| scored.iter().map(|row| row.2[domain]).sum::<f64>() / scored.len().max(1) as f64;
    let means: Vec<f64> = (0..domains.len()).map(mean).collect();
    let spread = |scores: &[f64]| {
        let relative: Vec<f64> =
            scores.iter().zip(&means).map(|(score, mean)| if *mean > 0.0 { score / mean } else { 0.0 }).collect();
        let middle = relative.iter().sum::<f64>() / relative.len() as f64;
        (relative.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / relative.len() as f64).sqrt()
    };
    let row = |(system, information_variance, scores): &(String, f64, Vec<f64>)| Spread {
        system: system.clone(),
        information_variance: *information_variance,
        score_spread: spread(scores),
    };
    scored.iter().map(row).collect()
}

/// The checks as a table.
pub fn table(study: &Study<'_>) -> Table {
    let mut table = Table::new("theorems", "The three theorems on these runs", &["theorem", "it says", "found", "holds"]);
    for check in checks(study) {
        let holds = match check.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "open",
        };
        table.push(vec![
            Cell::text(check.theorem.to_string()),
            Cell::text(check.claim),
            Cell::text(check.found),
            Cell::text(holds),
        ]);
    }
    table
}

/// What a unified tokenizer measured of itself, mean over seeds.
fn figure(study: &Study<'_>, system: &str, name: &str) -> Option<f64> {
    let runs = study.of(system, study.domains().first()?)?;
    let values: Vec<f64> = runs.iter().map(|file| number(file.run.tokens.as_ref()?, name)).collect::<Option<_>>()?;
    Some(values.iter().sum::<f64>() / values.len() as f64)
}

fn number(facts: &TokenFacts, name: &str) -> Option<f64> {
    facts.measured.get(name)?.as_f64()
}
