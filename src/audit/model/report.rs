//! What is measured of a model.

use serde::Serialize;

use super::domains::{Domain, NetCollisions};
use super::quantizers::QuantizerUse;

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

/// The verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Collapse {
    /// Whether any criterion is violated.
    pub collapsed: bool,
    /// Each violated criterion, in words.
    pub reasons: Vec<String>,
}
