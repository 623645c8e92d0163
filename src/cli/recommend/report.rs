//! What is printed of an evaluation.

use serde_json::{Value, json};

use crate::compare::table::{Cell, Table};
use crate::compute::stats::bootstrap::{UserScores, bootstrap_mean};
use crate::compute::stats::interval::Interval;
use crate::interactions::Reading;
use crate::recommend::placement::{Metrics, Placement, ndcg_at_10};
use crate::recommend::session::Outcome;

/// Rounds of the bootstrap over users and seeds.
const ROUNDS: usize = 1000;

/// One JSON object; `runs` are those of the seeds.
pub fn as_json(reading: &Reading, outcomes: &[Outcome], runs: Vec<Value>) -> anyhow::Result<String> {
    let ndcg = interval(outcomes, ndcg_at_10)?;
    let read = json!({ "sequences": reading });
    let all = json!({ "ndcg_at_10": ndcg.value, "interval": [ndcg.low, ndcg.high], "runs": runs, "read": read });
    Ok(serde_json::to_string_pretty(&all)?)
}

/// A table for people.
pub fn as_table(title: String, outcomes: &[Outcome]) -> anyhow::Result<String> {
    let seeds = if outcomes.len() > 1 { format!(" and {} seeds", outcomes.len()) } else { String::new() };
    let mut table = Table::new("evaluation", title, &["measure", "by item", "by code"]).with_note(format!(
        "Means over users{seeds}, with 95 % intervals from the bootstrap. By code, any item of the target's codeword is a hit, which rewards collapse."
    ));
    for (name, metric) in MEASURES {
        let of = |metrics: fn(&[Option<Placement>]) -> Metrics| {
            interval(outcomes, |places| each(places, |place| metric(metrics(place)))).map(Cell::Estimate)
        };
        table.push(vec![Cell::text(name), of(Metrics::of_items)?, of(Metrics::of_codewords)?]);
    }
    Ok(table.terminal().trim_end().to_owned())
}

/// The mean over users and seeds, with its interval.
fn interval(outcomes: &[Outcome], scores: impl Fn(&[Option<Placement>]) -> Vec<f64>) -> anyhow::Result<Interval> {
    let scores = UserScores::new(outcomes.iter().map(|outcome| scores(&outcome.places)).collect())?;
    Ok(bootstrap_mean(&[scores], ROUNDS, 1)?)
}

/// One of the metrics.
type Metric = fn(Metrics) -> f64;

/// The four metrics by name.
const MEASURES: [(&str, Metric); 4] = [
    ("Recall@5", |metrics| metrics.recall_at_5),
    ("Recall@10", |metrics| metrics.recall_at_10),
    ("NDCG@5", |metrics| metrics.ndcg_at_5),
    ("NDCG@10", |metrics| metrics.ndcg_at_10),
];

/// A score of each user.
fn each(places: &[Option<Placement>], score: impl Fn(&[Option<Placement>]) -> f64) -> Vec<f64> {
    places.iter().map(|place| score(std::slice::from_ref(place))).collect()
}
