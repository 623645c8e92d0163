//! What is plotted: the paper's Figures 4 to 8, and all systems side by side.

use serde::Serialize;
use serde_json::Value;

use crate::compare::preset::Sweep;
use crate::compare::run::By;
use crate::compare::study::{NDCG_AT_10, Study, mean, ndcg};
use crate::compare::tables::{sweep_cells, sweep_title};
use crate::compare::theorems::spreads;

/// A plot as data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// Its name in files.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What is along the horizontal axis.
    pub x: String,
    /// What is along the vertical axis.
    pub y: String,
    /// Names of the places on the horizontal axis, where they are no numbers: the first is at 0.
    pub places: Vec<String>,
    /// What is shown.
    pub series: Vec<Series>,
}

/// Points of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// How it is drawn.
    pub mark: Mark,
    /// Its points.
    pub points: Vec<Point>,
}

/// How points are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Joined by a line.
    Line,
    /// Alone.
    Dot,
}

/// A point, perhaps with an interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// Where it is.
    pub x: f64,
    /// How high it is.
    pub y: f64,
    /// Its 95 % interval.
    pub interval: Option<[f64; 2]>,
    /// What it is, if it has a name of its own.
    pub label: Option<String>,
}

/// Every figure that the runs give points for.
pub fn all(study: &Study<'_>) -> Vec<Figure> {
    let mut figures: Vec<Figure> = study.domains().iter().map(|domain| accuracy(study, domain)).collect();
    figures.extend(study.scope.preset.sweeps.iter().map(|sweep| sensitivity(study, sweep)));
    figures.push(quantization(study));
    figures.push(stability(study));
    figures.retain(|figure| figure.series.iter().any(|series| series.points.len() > 1));
    figures
}

/// Every system on a domain, with the paper's numbers beside ours.
fn accuracy(study: &Study<'_>, domain: &str) -> Figure {
    let scored: Vec<_> = study.systems().filter_map(|system| Some((system, ndcg(study.of(system.name, domain))?))).collect();
    let ours = scored.iter().enumerate().map(|(place, (_, score))| Point {
        x: place as f64,
        y: score.value,
        interval: Some([score.low, score.high]),
        label: None,
    });
    let papers = scored.iter().enumerate().filter_map(|(place, (system, _))| {
        Some(Point { x: place as f64, y: study.reference.paper(system.name, domain, false)?, interval: None, label: None })
    });
    let series = |name: &str, points: Vec<Point>| Series { name: name.into(), mark: Mark::Dot, points };
    let mut all = vec![series("by item, here", ours.collect())];
    let papers: Vec<Point> = papers.collect();
    if !papers.is_empty() {
        all.push(series("reported by the paper", papers));
    }
    Figure {
        id: format!("accuracy-{domain}"),
        title: format!("NDCG@10 on {domain}"),
        x: String::new(),
        y: "NDCG@10".into(),
        places: scored.iter().map(|(system, _)| system.name.into()).collect(),
        series: all,
    }
}

/// A system by one of its settings (for UniTok, Figures 4 to 6).
fn sensitivity(study: &Study<'_>, sweep: &Sweep) -> Figure {
    let points = sweep.values.iter().enumerate().filter_map(|(place, value)| {
        let score = mean(&sweep_cells(study, sweep, value)?, By::Items, NDCG_AT_10)?;
        Some(Point { x: place as f64, y: score.value, interval: Some([score.low, score.high]), label: None })
    });
    Figure {
        id: sweep.id(),
        title: sweep_title(sweep),
        x: sweep.label.clone(),
        y: "NDCG@10, mean over domains".into(),
        places: sweep.values.iter().map(|value| if value.is_empty() { "as it is".into() } else { value.clone() }).collect(),
        series: vec![Series { name: sweep.system.clone(), mark: Mark::Line, points: points.collect() }],
    }
}

/// Quantisation error as tokenizers are trained (Figure 7).
fn quantization(study: &Study<'_>) -> Figure {
    let first = study.domains().first().copied().unwrap_or_default();
    let series = study.systems().filter(|system| system.name != "popularity-by-code").filter_map(|system| {
        let facts = study.of(system.name, first)?[0].run.tokens.as_ref()?;
        let history = facts.measured.get("history").and_then(Value::as_array)?;
        let point = |look: &Value| Some(Point { x: look[0].as_f64()?, y: look[1].as_f64()?, interval: None, label: None });
        Some(Series { name: system.name.into(), mark: Mark::Line, points: history.iter().filter_map(point).collect() })
    });
    Figure {
        id: "quantization".into(),
        title: "Quantisation error in training".into(),
        x: "steps".into(),
        y: "unexplained share of the latent's variance".into(),
        places: Vec::new(),
        series: series.filter(|series: &Series| !series.points.is_empty()).collect(),
    }
}

/// Variance of information against the spread of scores (Figure 8).
fn stability(study: &Study<'_>) -> Figure {
    let points = spreads(study).into_iter().map(|spread| Point {
        x: spread.information_variance,
        y: spread.score_spread,
        interval: None,
        label: Some(spread.system),
    });
    Figure {
        id: "stability".into(),
        title: "Variance of information, and spread of scores over domains".into(),
        x: "variance over domains of HSIC between input and latent".into(),
        y: "spread of relative NDCG@10".into(),
        places: Vec::new(),
        series: vec![Series { name: "unified tokenizers".into(), mark: Mark::Dot, points: points.collect() }],
    }
}
