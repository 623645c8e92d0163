//! How good a model is, measured with the CPU engine on the data it was trained on.

use serde::Serialize;

use crate::audit::model::{Domain as DomainReport, Items, ModelReport, NetCollisions, measure};
use crate::audit::{Codes, audit};
use crate::base::hash::fnv1a_of_floats;
use crate::engine::Want;
use crate::engine::cpu::CpuEngine;
use crate::model::Model;
use crate::tokens::{CodeVocabulary, Codewords, CollisionReport, Index, Layout, Policy, Schema, resolve};
use crate::train::TrainError;
use crate::train::data::Domain;
use crate::train::statistics::sum_of_squared_deviations;

/// Items of each domain in a quick look.
const SAMPLE: usize = 1000;

/// A quick look at a model during training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Health {
    /// Steps done.
    pub step: usize,
    /// Unexplained share of the variance of the input, mean over domains.
    pub rec: f64,
    /// Unexplained share of the variance of the latent, mean over domains.
    pub q: f64,
    /// Domain–expert NMI.
    pub nmi: Option<f64>,
    /// Mean scale-free HSIC of the domains.
    pub information: f64,
    /// Reasons to call the run collapsed; empty when it is healthy.
    pub collapse: Vec<String>,
}

/// Everything a card reports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Domains, router, codebooks, verdict. Equal vectors count as equal texts.
    pub report: ModelReport,
    /// Largest corrected dependence between two levels of the codewords.
    pub dependence: f64,
    /// What `assign` does to the distinct items of all domains at once.
    pub assign: CollisionReport,
    /// What that adds to the unexplained share of variance within domains.
    pub assign_added_q: f64,
    /// Domains that the model never saw.
    pub zero_shot: Vec<ZeroShot>,
    /// Rows of the data that were left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// Rows of a domain's file that were left out, for they cannot be tokenized or repeat an id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The domain.
    pub domain: String,
    /// How many.
    pub rows: usize,
    /// The first, and why.
    pub first: String,
}

/// A domain that the model never saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ZeroShot {
    /// What is measured of any domain.
    #[serde(flatten)]
    pub domain: DomainReport,
    /// Net collisions with the shared expert's codes added to the codeword, where there is one.
    pub net_with_shared: Option<NetCollisions>,
    /// Share of items that each expert takes.
    pub load: Vec<f64>,
}

impl Evaluation {
    /// A few lines for the terminal.
    pub fn summary(&self) -> String {
        let line = |name: &str, net: f64, rec: f64, q: f64| {
            format!("  {name:<20} net collision {:>5.2} % · rec {rec:.3} · q {q:.3}", 100.0 * net)
        };
        let r = &self.report;
        let mut lines: Vec<String> = r.domains.iter().map(|d| line(&d.name, d.net.rate, d.rec, d.q)).collect();
        let nmi = r.router.as_ref().and_then(|router| router.domain_nmi).map_or(String::new(), |nmi| format!(" · NMI {nmi:.3}"));
        lines.push(line("all", r.net.rate, r.rec, r.q) + &nmi + &format!(" · level dependence {:.3}", self.dependence));
        lines.join("\n")
    }
}

/// A look at a sample of each domain.
pub fn health(model: &Model, domains: &[Domain], step: usize) -> Result<Health, TrainError> {
    let width = model.config.model.input;
    let sample = |d: &Domain| {
        let items = d.items(width).min(SAMPLE);
        Domain::new(d.name.clone(), d.rows[..items * width].to_vec())
    };
    let (report, _) = measure_model(model, &domains.iter().map(sample).collect::<Vec<_>>(), Layout::ExpertLast)?;
    let information = report.domains.iter().map(|d| d.hsic.scale_free).sum::<f64>() / report.domains.len() as f64;
    let nmi = report.router.as_ref().and_then(|r| r.domain_nmi);
    Ok(Health { step, rec: report.rec, q: report.q, nmi, information, collapse: report.collapse.reasons })
}

/// Everything, on every item, and on domains that were not trained on.
pub fn evaluate(model: &Model, domains: &[Domain], unseen: &[Domain]) -> Result<Evaluation, TrainError> {
    let (report, codewords) = measure_model(model, domains, Layout::ExpertLast)?;
    let dependence = level_dependence(model, &codewords);
    let zero_shot = unseen.iter().map(|d| zero_shot(model, d)).collect::<Result<_, _>>()?;
    let (assign, assign_added_q) = assign(model, domains)?;
    Ok(Evaluation { report, dependence, assign, assign_added_q, zero_shot, left_out: Vec::new() })
}

/// What is measured of a domain on its own.
pub fn zero_shot(model: &Model, domain: &Domain) -> Result<ZeroShot, TrainError> {
    let alone = std::slice::from_ref(domain);
    let (mut report, _) = measure_model(model, alone, Layout::ExpertLast)?;
    let a = &model.config.model;
    let with_shared = a.shared && a.experts > 0;
    let net_with_shared = with_shared.then(|| measure_model(model, alone, Layout::WithShared).map(|(r, _)| r.net)).transpose()?;
    let load = report.router.map_or(Vec::new(), |router| router.load);
    Ok(ZeroShot { domain: report.domains.remove(0), net_with_shared, load })
}

fn measure_model(model: &Model, domains: &[Domain], layout: Layout) -> Result<(ModelReport, Codewords), TrainError> {
    let width = model.config.model.input;
    let scaled = domains.iter().map(|d| d.rows.as_slice()).collect::<Vec<_>>().concat();
    let labels: Vec<u32> = domains.iter().enumerate().flat_map(|(k, d)| vec![k as u32; d.items(width)]).collect();
    let names: Vec<String> = domains.iter().map(|d| d.name.clone()).collect();
    let texts: Vec<u64> = scaled.chunks_exact(width).map(fnv1a_of_floats).collect();
    let batch =
        CpuEngine::new(model).run(&scaled, Want { latents: true, reconstruction: true, residual_norms: true, margins: false })?;
    let codewords = schema(model, layout).codewords(&batch);
    let items =
        Items { model, batch: &batch, scaled: &scaled, codewords: &codewords, domains: &labels, names: &names, texts: &texts };
    let report = measure(&items).expect("every part comes from the same items");
    Ok((report, codewords))
}

fn schema(model: &Model, layout: Layout) -> Schema {
    Schema::new(&model.config.model, layout, CodeVocabulary::default()).expect("the layout fits the model")
}

fn level_dependence(model: &Model, codewords: &Codewords) -> f64 {
    let levels = model.config.model.levels;
    let rows = (0..codewords.items()).map(|i| (i.to_string(), codewords.tokens(i)[..levels].to_vec()));
    let index = Index::from_rows(rows).expect("numbers are unique and rows equally long");
    let report = audit(&index, &Codes::default()).expect("there are items");
    let pairs = (0..levels).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs.map(|(i, j)| report.dependence[i][j]).fold(0.0, f64::max)
}

/// `assign` over items with distinct vectors, and what it adds to `q` within domains.
fn assign(model: &Model, domains: &[Domain]) -> Result<(CollisionReport, f64), TrainError> {
    let a = &model.config.model;
    let mut seen = std::collections::HashSet::new();
    let mut distinct = |d: &Domain| -> Vec<f32> {
        d.rows.chunks_exact(a.input).filter(|row| seen.insert(fnv1a_of_floats(row))).flatten().copied().collect()
    };
    let parts: Vec<Vec<f32>> = domains.iter().map(&mut distinct).collect();
    let engine = CpuEngine::new(model);
    let mut batch = engine.run(&parts.concat(), Want { latents: true, ..Want::default() })?;
    let within: f64 = parts.iter().map(|rows| sum_of_squared_deviations(&engine.encode(rows), a.latent)).sum();
    let (_, report) =
        resolve(model, &mut batch, &schema(model, Layout::ExpertLast), Policy::Assign).expect("the batch has its latents");
    let added = report.added_distortion / within.max(f64::MIN_POSITIVE);
    Ok((report, added))
}
