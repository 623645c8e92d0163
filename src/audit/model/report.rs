//! The report on a model.

use serde::Serialize;

use super::domains::{Domain, NetCollisions};
use super::quantizers::QuantizerUse;

/// Everything measured of a model (METHOD.md, Measurement).
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
    /// One for each domain that has items.
    pub domains: Vec<Domain>,
    /// Items of each domain that its HSIC is computed over.
    pub hsic_items: usize,
    /// Population variance over domains of HSIC.
    pub hsic_variance: f64,
    /// Population variance over domains of the scale-free form of HSIC.
    pub hsic_scale_free_variance: f64,
    /// The router; absent without routed experts.
    pub router: Option<Router>,
    /// One for each quantizer: the routed experts, then the shared one.
    pub quantizers: Vec<QuantizerUse>,
    /// Whether the model collapsed, and why.
    pub collapse: Collapse,
}

/// How the router spreads items over experts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Router {
    /// `[experts]` share of items whose top expert this is.
    pub load: Vec<f64>,
    /// `[experts]` mean over domains of that share within each domain; a criterion of collapse.
    pub balanced_load: Vec<f64>,
    /// Entropy of `load`.
    pub load_entropy_bits: f64,
    /// Mean entropy of the softmax over experts: how undecided the router is on one item.
    pub mean_entropy_bits: f64,
    /// Normalised mutual information `2I/(H+H)` of domain and top expert; absent with one domain or one expert in use.
    pub domain_nmi: Option<f64>,
}

/// Whether a model has collapsed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Collapse {
    /// Whether any criterion is violated.
    pub collapsed: bool,
    /// A sentence for each violated criterion.
    pub reasons: Vec<String>,
}
