//! How good a model is, measured with the CPU engine on the data it was trained on.

use serde::Serialize;

use super::TrainError;
use super::data::Domain;
use crate::weights::Model;

/// A quick look at a model during training.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Health {
    /// Steps done.
    pub step: usize,
    /// Unexplained share of the variance of the input, mean over domains.
    pub rec: f64,
    /// Unexplained share of the variance of the latent, mean over domains.
    pub q: f64,
    /// Domain–expert NMI.
    pub nmi: f64,
    /// Reasons to call the run collapsed; empty when it is healthy.
    pub collapse: Vec<String>,
}

/// Everything a card reports.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Evaluation {
    /// Over all domains.
    pub overall: Overall,
    /// Each domain.
    pub domains: Vec<DomainReport>,
    /// Each quantizer.
    pub quantizers: Vec<QuantizerReport>,
    /// Reasons to call the model collapsed; empty when it is healthy.
    pub collapse: Vec<String>,
}

/// Figures over all domains; means over domains unless said otherwise.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Overall {
    /// Items.
    pub items: usize,
    /// Items with distinct vectors (equal texts give equal vectors).
    pub distinct: usize,
    /// `1 − codewords/items` over distinct items, before any policy, counted within domains.
    pub net_collision: f64,
    /// Unexplained share of the variance of the scaled input.
    pub rec: f64,
    /// Unexplained share of the variance of the latent, by the top expert.
    pub q: f64,
    /// Mean HSIC.
    pub hsic: f64,
    /// Its variance over domains.
    pub hsic_variance: f64,
    /// Mean scale-free HSIC.
    pub hsic_scale_free: f64,
    /// Its variance over domains.
    pub hsic_scale_free_variance: f64,
    /// Domain–expert NMI.
    pub nmi: f64,
    /// Mean entropy of the router's probabilities.
    pub router_entropy_bits: f64,
    /// Largest corrected dependence between two levels.
    pub dependence: f64,
    /// Collisions that `assign` leaves among distinct items.
    pub collisions_after_assign: usize,
    /// What `assign` adds to q.
    pub assign_q: f64,
}

/// Figures of one domain.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DomainReport {
    /// Name.
    pub name: String,
    /// Items.
    pub items: usize,
    /// Items with distinct vectors.
    pub distinct: usize,
    /// As in [`Overall`].
    pub net_collision: f64,
    /// As in [`Overall`].
    pub rec: f64,
    /// As in [`Overall`].
    pub q: f64,
    /// HSIC between inputs and latents.
    pub hsic: f64,
    /// Its scale-free form.
    pub hsic_scale_free: f64,
    /// The expert that most items go to, and their share.
    pub main_expert: String,
}

/// Figures of one quantizer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct QuantizerReport {
    /// Expert number, or `shared`.
    pub name: String,
    /// Share of items that it receives.
    pub load: f64,
    /// Its levels.
    pub levels: Vec<LevelReport>,
}

/// Figures of one level of one quantizer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LevelReport {
    /// Share of codes in use.
    pub utilisation: f64,
    /// `2^entropy` of the code's distribution.
    pub perplexity: f64,
    /// Unexplained share of the variance of what the quantizer receives, after this level.
    pub error: f64,
}

impl Evaluation {
    /// A few lines for the terminal.
    pub fn summary(&self) -> String {
        let o = &self.overall;
        let domain = |d: &DomainReport| format!("  {:<20} net collision {:>5.2} % · rec {:.3} · q {:.3}", d.name, 100.0 * d.net_collision, d.rec, d.q);
        let mut lines: Vec<String> = self.domains.iter().map(domain).collect();
        lines.push(format!(
            "  {:<20} net collision {:>5.2} % · rec {:.3} · q {:.3} · NMI {:.3} · level dependence {:.3}",
            "all", 100.0 * o.net_collision, o.rec, o.q, o.nmi, o.dependence
        ));
        lines.join("\n")
    }
}

/// TEMPORARY
pub fn health(_model: &Model, _domains: &[Domain], step: usize) -> Result<Health, TrainError> {
    Ok(Health { step, ..Health::default() })
}

/// TEMPORARY
pub fn evaluate(_model: &Model, _domains: &[Domain]) -> Result<Evaluation, TrainError> {
    Ok(Evaluation::default())
}
