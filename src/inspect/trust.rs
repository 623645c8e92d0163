//! How well the model describes items: what a new catalogue is compared with known ones by.

use serde::Serialize;

use super::{InspectError, probabilities};
use crate::compute::stats::hsic::hsic;
use crate::engine::Tokenized;
use crate::model::Model;

/// Items that the dependence of latent and input is measured over: it takes their number squared.
const HSIC_ITEMS: usize = 300;

/// What was measured of some items.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "web", derive(tsify::Tsify))]
pub struct Measured {
    /// `[items]` share of the scaled input's squared norm that the decoder does not give back.
    pub loss: Vec<f32>,
    /// `[items]` entropy of the router's probabilities, in bits; 0 in a model without routed experts.
    pub entropy: Vec<f32>,
    /// Scale-free HSIC of input and latent, over the first 300 items.
    pub hsic: f64,
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
    })
}

fn entropy_bits(probabilities: &[f32]) -> f32 {
    probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum()
}
