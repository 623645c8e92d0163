//! How well the model describes items: what a new catalogue is compared with known ones by.

use serde::Serialize;

use super::{InspectError, probabilities};
use crate::compute::stats::hsic::hsic;
use crate::engine::Tokenized;
use crate::model::Model;

/// Items that the dependence of latent and input is measured over: it takes their number squared.
const HSIC_ITEMS: usize = 300;

/// Items that likeness is measured over: it takes their number squared, at most.
const ALIKE_ITEMS: usize = 500;
/// Pairs of items from which two codes in common are looked at, and not only the first. Codes are used alike, so that of sixty items
/// few pairs have two in common; by the first alone, sixty books are hardly more alike than any.
const ALIKE_PAIRS: usize = 3;

/// What was measured of some items.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Measured {
    /// `[items]` share of the scaled input's squared norm that the decoder does not give back.
    pub loss: Vec<f32>,
    /// `[items]` entropy of the router's probabilities, in bits; 0 in a model without routed experts.
    pub entropy: Vec<f32>,
    /// Scale-free HSIC of input and latent, over the first 300 items.
    pub hsic: f64,
    /// How much more alike items are whose codewords begin alike; see [`alike`].
    pub alike: Option<f64>,
}

/// Measures items that were tokenized with their reconstruction; `embeddings [items][input]` are theirs.
///
/// # Errors
/// Tokens without latents or reconstruction, or of other embeddings.
pub fn measure(model: &Model, batch: &Tokenized, embeddings: &[f32]) -> Result<Measured, InspectError> {
    let a = &model.config.model;
    let errors = batch.reconstruction.as_ref().ok_or(InspectError::Missing("reconstruction"))?;
    let z = batch.z.as_ref().ok_or(InspectError::Missing("latents"))?;
    if embeddings.len() != batch.items * a.input {
        return Err(InspectError::Vectors { vectors: embeddings.len() / a.input, tokenized: batch.items });
    }
    let entropy = match &model.router {
        Some(router) => probabilities(router, z).chunks_exact(a.experts).map(entropy_bits).collect(),
        None => vec![0.0; batch.items],
    };
    let sampled = batch.items.min(HSIC_ITEMS);
    Ok(Measured {
        // A scaled row's squared norm is its width.
        loss: errors.iter().map(|error| error / a.input as f32).collect(),
        entropy,
        hsic: hsic(&embeddings[..sampled * a.input], a.input, &z[..sampled * a.latent], a.latent).scale_free,
        alike: alike(batch, embeddings),
    })
}

/// How much more alike items are whose codewords begin alike, over the first 500 items: the mean cosine of their
/// embeddings beyond that of any two items, as a share of what there is to 1. Items begin alike with the same expert and
/// first two codes, or the first code where few pairs have two. Near 0 for noise, whose codes say nothing of likeness; none
/// where no two items begin alike.
pub fn alike(batch: &Tokenized, embeddings: &[f32]) -> Option<f64> {
    let items = batch.items.min(ALIKE_ITEMS);
    let width = embeddings.len() / batch.items.max(1);
    let rows: Vec<Vec<f32>> = embeddings.chunks_exact(width.max(1)).take(items).map(unit).collect();
    let mut sum = vec![0.0f64; width];
    rows.iter().for_each(|row| sum.iter_mut().zip(row).for_each(|(sum, v)| *sum += f64::from(*v)));
    let pairs = (items * items.saturating_sub(1)) as f64;
    // |Σ u|² is the sum of all cosines, of each item with itself too.
    let of_any = (sum.iter().map(|v| v * v).sum::<f64>() - items as f64) / pairs;
    let (mut count, mut total) = ([0usize; 2], [0.0f64; 2]);
    for i in 0..items {
        for j in 0..i {
            let depth = codes_in_common(batch, i, j);
            if depth > 0 {
                let cosine: f32 = rows[i].iter().zip(&rows[j]).map(|(a, b)| a * b).sum();
                (0..depth).for_each(|d| (count[d], total[d]) = (count[d] + 1, total[d] + f64::from(cosine)));
            }
        }
    }
    let depth = usize::from(count[1] >= ALIKE_PAIRS);
    (count[depth] > 0 && of_any < 1.0).then(|| (total[depth] / count[depth] as f64 - of_any) / (1.0 - of_any))
}

/// Codes that two items of one expert have in common from the first on, at most two.
fn codes_in_common(batch: &Tokenized, i: usize, j: usize) -> usize {
    let codes = |item: usize| &batch.codes[item * batch.slots * batch.levels..][..batch.levels.min(2)];
    if batch.experts_of(i).first() != batch.experts_of(j).first() {
        return 0;
    }
    codes(i).iter().zip(codes(j)).take_while(|(a, b)| a == b).count()
}

fn unit(row: &[f32]) -> Vec<f32> {
    let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
    row.iter().map(|v| if norm > 0.0 { v / norm } else { 0.0 }).collect()
}

fn entropy_bits(probabilities: &[f32]) -> f32 {
    probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum()
}
