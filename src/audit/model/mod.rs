//! How good a trained tokenizer is on items: for the model card, the training log and the page.

mod domains;
mod quantizers;
mod verdict;

use serde::Serialize;

pub use domains::{Domain, NetCollisions, net_collisions};
pub use quantizers::{LevelUse, QuantizerUse};
pub use verdict::{Collapse, criteria};

use super::{Grouping, entropy_bits, normalised_mutual_information};
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::Codewords;

/// What [`measure`] reads: items of one or more domains, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its result on the items, with `z` and `reconstruction`, before any collision policy.
    pub batch: &'a Tokenized,
    /// `[items][input]` scaled inputs (see [`crate::engine::scale_rows`]).
    pub scaled: &'a [f32],
    /// Codewords in the layout that collisions are counted in.
    pub codewords: &'a Codewords,
    /// `[items]` domain of each item, into `names`.
    pub domains: &'a [u32],
    /// Domain names, for the report.
    pub names: &'a [String],
    /// `[items]` equal numbers for equal texts (a hash of the text): net collisions are counted
    /// over items with distinct text.
    pub texts: &'a [u64],
}

/// Everything measured (SPEC, sections 1 and 3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelReport {
    /// Items measured.
    pub items: usize,
    /// Mean over domains of their `rec`.
    pub rec: f64,
    /// Mean over domains of their `q`.
    pub q: f64,
    /// Net collisions over all domains together.
    pub net: NetCollisions,
    /// Each domain.
    pub domains: Vec<Domain>,
    /// Items of each domain behind its HSIC.
    pub hsic_items: usize,
    /// Population variance over domains of HSIC.
    pub hsic_variance: f64,
    /// Population variance over domains of its scale-free form.
    pub hsic_scale_free_variance: f64,
    /// The router; absent without routed experts.
    pub router: Option<Router>,
    /// Each quantizer: the routed experts, then the shared one.
    pub quantizers: Vec<QuantizerUse>,
    /// Whether the model collapsed, and why.
    pub collapse: Collapse,
}

/// What the router does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Router {
    /// Share of items whose top expert is each.
    pub load: Vec<f64>,
    /// The same, every domain counting alike: what the collapse criterion reads.
    pub balanced_load: Vec<f64>,
    /// Entropy of `load`.
    pub load_entropy_bits: f64,
    /// Mean entropy of the softmax over experts: how undecided the router is on one item.
    pub mean_entropy_bits: f64,
    /// `2I/(H+H)` of domain and top expert; absent with one domain or one expert in use.
    pub domain_nmi: Option<f64>,
}

/// Items that cannot be measured.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelAuditError {
    /// Nothing to measure.
    #[error("there are no items to measure")]
    Empty,
    /// The batch lacks a part.
    #[error("the batch has no {0}: run the engine with `Want {{ latents: true, reconstruction: true, .. }}`")]
    Missing(&'static str),
    /// Two inputs disagree about the number of items.
    #[error("{what} has {found} values where {expected} are expected: it belongs to other items or another model")]
    Length {
        /// Which input.
        what: &'static str,
        /// Its length.
        found: usize,
        /// What it should be.
        expected: usize,
    },
    /// A domain label without a name.
    #[error("item {item} has domain {domain}, but only {names} are named")]
    Domain {
        /// Item, from 0.
        item: usize,
        /// Its label.
        domain: u32,
        /// Names there are.
        names: usize,
    },
}

/// Measures a model on items. Takes about a second for 65,000 items of six domains.
///
/// # Errors
/// [`ModelAuditError`] where the inputs do not belong together.
pub fn measure(items: &Items<'_>) -> Result<ModelReport, ModelAuditError> {
    check(items)?;
    let domains = domains::measure(items);
    let router = (items.model.config.model.experts > 0).then(|| router(items));
    let quantizers = quantizers::measure(items.model, items.batch);
    let mean = |value: fn(&Domain) -> f64| domains.iter().map(value).sum::<f64>() / domains.len() as f64;
    let variance = |value: fn(&Domain) -> f64| {
        let mean = mean(value);
        domains.iter().map(|d| (value(d) - mean).powi(2)).sum::<f64>() / domains.len() as f64
    };
    let mut report = ModelReport {
        items: items.batch.items,
        rec: mean(|d| d.rec),
        q: mean(|d| d.q),
        net: net_collisions(items.codewords, items.texts, 0..items.batch.items),
        hsic_items: domains::hsic_items(items),
        hsic_variance: variance(|d| d.hsic.value),
        hsic_scale_free_variance: variance(|d| d.hsic.scale_free),
        domains,
        router,
        quantizers,
        collapse: Collapse::default(),
    };
    report.collapse = verdict::of(&report, items.model.config.model.codes);
    Ok(report)
}

fn check(items: &Items<'_>) -> Result<(), ModelAuditError> {
    let (a, batch, n) = (&items.model.config.model, items.batch, items.batch.items);
    if n == 0 {
        return Err(ModelAuditError::Empty);
    }
    let z = batch.z.as_ref().ok_or(ModelAuditError::Missing("latents"))?;
    let reconstruction = batch.reconstruction.as_ref().ok_or(ModelAuditError::Missing("reconstruction"))?;
    let lengths = [
        ("z", z.len(), n * a.latent),
        ("reconstruction", reconstruction.len(), n),
        ("codes", batch.codes.len(), n * a.slots() * a.levels),
        ("experts", batch.experts.len(), n * a.top_n),
        ("residual norms", batch.residual_norms.len(), n * a.slots() * a.levels),
        ("scaled", items.scaled.len(), n * a.input),
        ("codewords", items.codewords.items(), n),
        ("domains", items.domains.len(), n),
        ("texts", items.texts.len(), n),
    ];
    if let Some(&(what, found, expected)) = lengths.iter().find(|(_, found, expected)| found != expected) {
        return Err(ModelAuditError::Length { what, found, expected });
    }
    match items.domains.iter().position(|&d| d as usize >= items.names.len()) {
        Some(item) => Err(ModelAuditError::Domain { item, domain: items.domains[item], names: items.names.len() }),
        None => Ok(()),
    }
}

fn router(items: &Items<'_>) -> Router {
    let (experts, n) = (items.model.config.model.experts, items.batch.items);
    let top: Vec<u32> = (0..n).map(|item| items.batch.experts_of(item)[0]).collect();
    let mut counts = vec![vec![0usize; experts]; items.names.len()];
    items.domains.iter().zip(&top).for_each(|(&d, &k)| counts[d as usize][k as usize] += 1);
    let present: Vec<(usize, &Vec<usize>)> = counts.iter().map(|c| (c.iter().sum(), c)).filter(|(total, _)| *total > 0).collect();
    let load: Vec<usize> = (0..experts).map(|k| counts.iter().map(|c| c[k]).sum()).collect();
    let balanced = |k: usize| present.iter().map(|(total, c)| c[k] as f64 / *total as f64).sum::<f64>() / present.len() as f64;
    Router {
        balanced_load: (0..experts).map(balanced).collect(),
        load_entropy_bits: entropy_bits(load.iter().copied()),
        load: load.iter().map(|&k| k as f64 / n as f64).collect(),
        mean_entropy_bits: mean_router_entropy(items),
        domain_nmi: normalised_mutual_information(&Grouping::new(items.domains), &Grouping::new(&top)),
    }
}

/// Mean over items of the entropy of `softmax(W z + b)`; the batch keeps the top gates only.
fn mean_router_entropy(items: &Items<'_>) -> f64 {
    let (Some(router), Some(z)) = (&items.model.router, &items.batch.z) else { return 0.0 };
    let entropy = |z: &[f32]| {
        let rows = router.weight.chunks_exact(router.inputs).zip(&router.bias);
        let logit =
            |(w, b): (&[f32], &f32)| f64::from(*b) + w.iter().zip(z).map(|(w, z)| f64::from(*w) * f64::from(*z)).sum::<f64>();
        let logits: Vec<f64> = rows.map(logit).collect();
        let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logits.iter().map(|s| (s - most).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|w| w / total).filter(|p| *p > 0.0).map(|p| -p * p.log2()).sum::<f64>()
    };
    z.chunks_exact(router.inputs).map(entropy).sum::<f64>() / items.batch.items as f64
}
