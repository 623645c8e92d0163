//! One item, explained: what the model reads and makes of it, where it was routed, and what each level chose.
//!
//! The codes are those that the index shows. Where the engine chose them, their distances and margins are the engine's
//! own; only *which* code was the runner-up the engine does not report, and it is found in float64 among the other codes.
//! Where a collision policy moved the item to another code, the explanation follows that code, in float64, and says so:
//! an explanation of a code that the reader does not see would explain nothing.

use serde::Serialize;

use super::router::probabilities_of;
use super::{Indexed, InspectError};
use crate::model::Model;

/// What there is to know of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Explanation {
    /// Its number.
    pub item: usize,
    /// What the model reads.
    pub embedding: Vec<f32>,
    /// What the encoder makes of it.
    pub latent: Vec<f32>,
    /// Probability of every expert; empty in a model without routed experts.
    pub router: Vec<f32>,
    /// Norm of the latent.
    pub norm: f32,
    /// Levels of the top expert's chain.
    pub levels: Vec<LevelChoice>,
}

/// What one level of a chain chose. Distances are squared, from the residual that the codes before it leave.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct LevelChoice {
    /// The code that the index shows.
    pub code: u32,
    /// Squared distance to it.
    pub distance: f64,
    /// The nearest of the other codes.
    pub runner_up: u32,
    /// Squared distance to that one.
    pub runner_up_distance: f64,
    /// Norm of the residual after this level.
    pub residual_norm: f32,
    /// Whether a collision policy gave this code in place of the engine's choice; a nearer code may then be the
    /// runner-up.
    pub moved: bool,
    /// `[codes]` squared distance to every code.
    pub distances: Vec<f32>,
}

/// Explains an item; `embeddings [items][input]` are those that the tokens were made of.
///
/// # Errors
/// There is no such item, the tokens were made without latents, or the embeddings are not those of these tokens.
pub fn explain(model: &Model, indexed: &Indexed<'_>, embeddings: &[f32], item: usize) -> Result<Explanation, InspectError> {
    let (batch, a) = (indexed.batch, &model.config.model);
    if item >= batch.items {
        return Err(InspectError::Item { item, items: batch.items });
    }
    if embeddings.len() != batch.items * a.input {
        return Err(InspectError::Vectors { vectors: embeddings.len() / a.input, tokenized: batch.items });
    }
    let z = batch.z.as_deref().ok_or(InspectError::Missing("latents"))?;
    let z = &z[item * a.latent..(item + 1) * a.latent];
    Ok(Explanation {
        item,
        embedding: embeddings[item * a.input..(item + 1) * a.input].to_vec(),
        latent: z.to_vec(),
        router: model.router.as_ref().map_or(Vec::new(), |router| probabilities_of(router, batch, item, z)),
        norm: z.iter().map(|v| v * v).sum::<f32>().sqrt(),
        levels: levels(model, indexed, item, z),
    })
}

/// Follows the chain that the index shows.
fn levels(model: &Model, indexed: &Indexed<'_>, item: usize, z: &[f32]) -> Vec<LevelChoice> {
    let batch = indexed.batch;
    let quantizer = indexed.expert(item).map_or(model.config.model.experts, |expert| expert as usize);
    let first = item * batch.slots * batch.levels;
    let mut residual: Vec<f64> = z.iter().map(|v| f64::from(*v)).collect();
    // Whether the engine's figures are of this chain: up to the first code that was moved.
    let mut followed = true;
    let choose = |(level, code): (usize, u32)| {
        let mut choice = choose(&mut residual, model.codebook(quantizer, level), code);
        choice.moved = batch.codes[first + level] != code;
        followed &= !choice.moved;
        if followed && let Some(norm) = batch.residual_norms.get(first + level) {
            choice.residual_norm = *norm;
            let distance = f64::from(choice.residual_norm).powi(2);
            let margin = batch.margins.get(first + level).map(|margin| f64::from(*margin));
            choice.runner_up_distance = distance + margin.unwrap_or(choice.runner_up_distance - choice.distance);
            choice.distance = distance;
        }
        choice
    };
    indexed.codes(item).into_iter().enumerate().map(choose).collect()
}

/// Takes `code` away from `residual [latent]`, in float64, beside the nearest of the other codes.
fn choose(residual: &mut [f64], codebook: &[f32], code: u32) -> LevelChoice {
    let to = |c: &[f32]| residual.iter().zip(c).map(|(r, c)| (r - f64::from(*c)).powi(2)).sum();
    let distances: Vec<f64> = codebook.chunks_exact(residual.len()).map(to).collect();
    let (mut distance, mut runner_up) = (f64::INFINITY, (0, f64::INFINITY));
    for (&squared, number) in distances.iter().zip(0..) {
        if number == code {
            distance = squared;
        } else if squared < runner_up.1 {
            runner_up = (number, squared);
        }
    }
    let chosen = &codebook[code as usize * residual.len()..];
    residual.iter_mut().zip(chosen).for_each(|(r, c)| *r -= f64::from(*c));
    let (runner_up, runner_up_distance) = runner_up;
    let distances = distances.into_iter().map(|squared| squared as f32).collect();
    LevelChoice { code, distance, runner_up, runner_up_distance, residual_norm: distance.sqrt() as f32, moved: false, distances }
}
