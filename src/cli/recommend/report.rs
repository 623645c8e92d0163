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
    for measure in MEASURES {
        let of = |scores| interval(outcomes, scores).map(Cell::Estimate);
        table.push(vec![Cell::text(measure.name), of(measure.by_item)?, of(measure.by_code)?]);
    }
    Ok(table.terminal().trim_end().to_owned())
}

/// The score of each user.
type Scores = fn(&[Option<Placement>]) -> Vec<f64>;

/// The mean over users and seeds, with its interval.
fn interval(outcomes: &[Outcome], scores: Scores) -> anyhow::Result<Interval> {
    let scores = UserScores::new(outcomes.iter().map(|outcome| scores(&outcome.places)).collect())?;
    Ok(bootstrap_mean(&[scores], ROUNDS, 1)?)
}

/// A metric of each user.
struct Measure {
    name: &'static str,
    by_item: Scores,
    by_code: Scores,
}

/// The four metrics, each as a function over users.
const MEASURES: [Measure; 4] = [
    Measure {
        name: "Recall@5",
        by_item: |places| each(places, |place| Metrics::of_items(place).recall_at_5),
        by_code: |places| each(places, |place| Metrics::of_codewords(place).recall_at_5),
    },
    Measure {
        name: "Recall@10",
        by_item: |places| each(places, |place| Metrics::of_items(place).recall_at_10),
        by_code: |places| each(places, |place| Metrics::of_codewords(place).recall_at_10),
    },
    Measure {
        name: "NDCG@5",
        by_item: |places| each(places, |place| Metrics::of_items(place).ndcg_at_5),
        by_code: |places| each(places, |place| Metrics::of_codewords(place).ndcg_at_5),
    },
    Measure {
        name: "NDCG@10",
        by_item: |places| each(places, |place| Metrics::of_items(place).ndcg_at_10),
        by_code: |places| each(places, |place| Metrics::of_codewords(place).ndcg_at_10),
    },
];

fn each(places: &[Option<Placement>], metric: impl Fn(&[Option<Placement>]) -> f64) -> Vec<f64> {
    places.iter().map(|place| metric(std::slice::from_ref(place))).collect()
}
