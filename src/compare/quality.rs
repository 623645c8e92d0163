//! How well measures that train no recommender rank tokenizers.

use serde::Serialize;
use serde_json::{Map, Value};

use super::catalogue::Catalogue;
use super::run::{RunFile, TokenFacts};
use super::study::Study;
use super::table::{Cell, Table};
use crate::audit::quality::quality;
use crate::audit::{Codes, audit};
use crate::compute::stats::interval::Interval;
use crate::compute::stats::spearman::{Points, spearman_interval};
use crate::tokens::Index;

/// A measure with where it stands, and whether less of it should be better.
type Measure = (&'static str, &'static [&'static str], bool);

const MEASURES: [Measure; 12] = [
    ("log-loss of a back-off chain, nats an item", &["quality", "nats_per_item"], true),
    ("log-loss on validation, nats an item", &["quality", "nats_validation"], true),
    ("lift of the first token", &["quality", "lift", "0"], false),
    ("lift of the first two tokens", &["quality", "lift", "1"], false),
    ("neighbour recall by the first token", &["quality", "neighbour_recall", "0"], false),
    ("neighbour recall by two tokens", &["quality", "neighbour_recall", "1"], false),
    ("Gini of the first token's use", &["quality", "gini", "0"], true),
    ("tokens in a codeword", &["width"], true),
    ("items with a codeword of their own", &["unique"], false),
    ("unexplained of the input", &["measured", "rec"], true),
    ("unexplained of the latent", &["measured", "q"], true),
    ("net collisions before any policy", &["measured", "net_collision"], true),
];

/// Runs below which an interval of a correlation says nothing.
const FEWEST: usize = 8;

/// How a measure correlates with NDCG@10 by items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlation {
    /// The measure.
    pub measure: String,
    /// Runs it was compared over.
    pub runs: usize,
    /// Spearman's correlation within domains; positive where the better value goes with the better score.
    pub spearman: Interval,
}

/// What an index is worth by measures that train no recommender, as `unitok audit --json` names them.
pub fn of_index(index: &Index, catalogue: &Catalogue) -> Map<String, Value> {
    let Ok(report) = audit(index, &Codes::default()) else { return Map::new() };
    let vectors: Vec<Option<&[f32]>> = catalogue
        .vectors
        .rows
        .chunks_exact(catalogue.vectors.width.max(1))
        .zip(&catalogue.vectors.own)
        .map(|(row, own)| own.then_some(row))
        .collect();
    let split = catalogue.sequences.leave_one_out().ok();
    let measured = quality(index, &report, split.as_ref(), Some(&vectors));
    match serde_json::to_value(measured) {
        Ok(Value::Object(mut map)) => {
            map.insert("collision_rate".into(), report.collision_rate.into());
            map
        }
        _ => Map::new(),
    }
}

/// The correlation of each measure over all tokens of all domains.
pub fn correlations(study: &Study<'_>) -> Vec<Correlation> {
    MEASURES.iter().filter_map(|measure| correlation(study, measure)).collect()
}

fn correlation(study: &Study<'_>, &(name, path, less): &Measure) -> Option<Correlation> {
    let domains = study.domains();
    let points: Vec<(Vec<f64>, Vec<f64>)> = domains
        .iter()
        .map(|domain| {
            let runs = study.token_runs().filter(|file| file.run.id.domain == *domain);
            let point = |file: &RunFile| {
                // An item id has no prefixes: what measures them is on another scale there.
                let facts = file.run.tokens.as_ref().filter(|facts| facts.width > 1)?;
                let value = value(facts, path)?;
                Some((if less { -value } else { value }, file.run.record.by_item.ndcg_at_10))
            };
            runs.filter_map(point).unzip()
        })
        .collect();
    let groups: Vec<Points<'_>> = points.iter().map(|(x, y)| Points::new(x, y)).collect::<Result<_, _>>().ok()?;
    let runs = points.iter().map(|(x, _)| x.len()).sum();
    let spearman = spearman_interval(&groups, 1000, 1).filter(|_| runs >= FEWEST)?;
    Some(Correlation { measure: name.into(), runs, spearman })
}

/// A number in the facts, by its path.
fn value(facts: &TokenFacts, path: &[&str]) -> Option<f64> {
    let facts = serde_json::to_value(facts).ok()?;
    let found = path.iter().try_fold(&facts, |value, name| match value {
        Value::Array(values) => values.get(name.parse::<usize>().ok()?),
        value => value.get(name),
    });
    found?.as_f64()
}

/// The correlations as a table, the best first.
pub fn table(study: &Study<'_>) -> Table {
    let columns = ["measure", "Spearman with N@10", "runs"];
    let mut table = Table::new("quality", "Measures that train no recommender", &columns);
    table.note =
        "How each ranks tokenizers within a domain, beside N@10 by items; 1 where the better value always goes with the \
                  better score. Intervals are by the bootstrap over runs."
            .into();
    let mut all = correlations(study);
    all.sort_by(|a, b| b.spearman.value.total_cmp(&a.spearman.value));
    for correlation in all {
        table.push(vec![Cell::text(correlation.measure), Cell::Estimate(correlation.spearman), Cell::count(correlation.runs)]);
    }
    table
}
