//! Measurements of each domain.

use std::collections::HashSet;

use serde::Serialize;

use super::items::Items;
use crate::compute::stats::hsic::{Hsic, hsic};
use crate::tokens::Codewords;

/// Most items of a domain that its HSIC is computed over.
const HSIC_ITEMS: usize = 1000;

/// One domain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Domain {
    /// Its name, as given.
    pub name: String,
    /// Number of its items.
    pub items: usize,
    /// Unexplained share of variance of the scaled input: `Σ‖x − x̂‖² / Σ‖x − mean‖²`, with the mean of the domain.
    pub rec: f64,
    /// Unexplained share of variance of the latent after all levels of the top expert (the shared one where there are no
    /// routed experts): `Σ‖z − E(z)‖² / Σ‖z − mean‖²`.
    pub q: f64,
    /// Collisions within the domain, over items with distinct text.
    pub net: NetCollisions,
    /// Dependence between latent and input.
    pub hsic: Hsic,
}

/// Collisions over items with distinct text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NetCollisions {
    /// Items with distinct text.
    pub distinct: usize,
    /// Different codewords of these items.
    pub unique: usize,
    /// `1 − unique/distinct`.
    pub rate: f64,
}

/// Counts collisions among `items`; of items with equal texts only the first counts.
pub fn net_collisions(codewords: &Codewords, texts: &[u64], items: impl IntoIterator<Item = usize>) -> NetCollisions {
    let mut seen = HashSet::new();
    let distinct: Vec<usize> = items.into_iter().filter(|&item| seen.insert(texts[item])).collect();
    let unique = distinct.iter().map(|&item| codewords.row(item)).collect::<HashSet<_>>().len();
    let rate = if distinct.is_empty() { 0.0 } else { 1.0 - unique as f64 / distinct.len() as f64 };
    NetCollisions { distinct: distinct.len(), unique, rate }
}

/// Measures every domain that has items.
pub(super) fn measure(items: &Items<'_>) -> Vec<Domain> {
    let items_of = |d: usize| (0..items.batch.items).filter(move |&item| items.domains[item] as usize == d);
    let domains = (0..items.names.len()).map(|d| (d, items_of(d).collect::<Vec<usize>>()));
    let n = hsic_items(items);
    domains.filter(|(_, members)| !members.is_empty()).map(|(d, members)| domain(items, &items.names[d], &members, n)).collect()
}

/// Items of each domain that HSIC is computed over: the same number for all, since the estimate grows as it shrinks.
pub(super) fn hsic_items(items: &Items<'_>) -> usize {
    let mut counts = vec![0; items.names.len()];
    items.domains.iter().for_each(|&d| counts[d as usize] += 1);
    counts.into_iter().filter(|&count| count > 0).min().unwrap_or(0).min(HSIC_ITEMS)
}

fn domain(items: &Items<'_>, name: &str, members: &[usize], n: usize) -> Domain {
    let (a, batch) = (&items.model.config.model, items.batch);
    let z = batch.z.as_deref().expect("checked before");
    let errors = batch.reconstruction.as_deref().expect("checked before");
    let last_norm = |item: usize| batch.residual_norms[item * batch.slots * batch.levels + batch.levels - 1];
    let reconstruction_error: f64 = members.iter().map(|&item| f64::from(errors[item])).sum();
    let quantization_error: f64 = members.iter().map(|&item| f64::from(last_norm(item)).powi(2)).sum();
    // Evenly spaced items, so that they are the same ones every time.
    let sample: Vec<usize> = (0..n).map(|i| members[i * members.len() / n]).collect();
    let (x, latents) = (gather(items.scaled, a.input, &sample), gather(z, a.latent, &sample));
    Domain {
        name: name.into(),
        items: members.len(),
        rec: ratio(reconstruction_error, squared_deviation(items.scaled, a.input, members)),
        q: ratio(quantization_error, squared_deviation(z, a.latent, members)),
        net: net_collisions(items.codewords, items.texts, members.iter().copied()),
        hsic: hsic(&x, a.input, &latents, a.latent),
    }
}

/// `Σ‖row − mean‖²` over the rows of some items.
fn squared_deviation(rows: &[f32], width: usize, members: &[usize]) -> f64 {
    let row = |item: usize| &rows[item * width..(item + 1) * width];
    let mut mean = vec![0.0; width];
    for &item in members {
        mean.iter_mut().zip(row(item)).for_each(|(m, v)| *m += f64::from(*v) / members.len() as f64);
    }
    members.iter().flat_map(|&item| row(item).iter().zip(&mean)).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum()
}

/// `part / whole`; 0 where `whole` is 0: a domain whose items are all equal has no variance to explain.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// The rows of some items, one after another.
fn gather(rows: &[f32], width: usize, members: &[usize]) -> Vec<f32> {
    members.iter().flat_map(|&item| &rows[item * width..(item + 1) * width]).copied().collect()
}
