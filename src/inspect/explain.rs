//! One item, explained: where it was routed, what each level chose, and which items are near.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::trust::cosine;
use crate::web::{Tokenizer, Tokens, Vectors};
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::cpu::quantize::route;
use crate::model::{Linear, Model};
use crate::web::error::{fault, to_object};

/// Items named as near.
const NEAR: usize = 5;

/// What there is to know of one item.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Explanation {
    item: usize,
    /// Probability of every expert.
    router: Vec<f32>,
    /// Norm of the latent.
    norm: f32,
    levels: Vec<Level>,
    by_embedding: Vec<Near>,
    by_codes: Vec<Near>,
}

/// A level of the top expert's chain. Distances are squared.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Level {
    code: usize,
    distance: f32,
    runner_up: usize,
    runner_up_distance: f32,
    /// Norm of what is left after it.
    left: f32,
}

/// Another item.
#[derive(Debug, Clone, Copy, Serialize)]
struct Near {
    item: usize,
    /// Cosine of the embeddings.
    cosine: f32,
    /// Codes in common from the first level on, under the same expert.
    shared: usize,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export interface Near { item: number; cosine: number; shared: number }
/** One item, explained; distances are squared, levels are the top expert's. */
export interface Explanation {
  item: number; router: number[]; norm: number;
  levels: { code: number; distance: number; runnerUp: number; runnerUpDistance: number; left: number }[];
  byEmbedding: Near[]; byCodes: Near[];
}
"#;

#[wasm_bindgen]
impl Tokens {
    /// Explains an item: the router's probabilities, each level's choice and runner-up, and the nearest items
    /// by embedding beside the nearest by codes.
    ///
    /// # Errors
    /// There is no such item, or the vectors are not those that these tokens were made of.
    #[wasm_bindgen(unchecked_return_type = "Explanation")]
    pub fn explain(&self, tokenizer: &Tokenizer, vectors: &Vectors, item: usize) -> Result<JsValue, JsValue> {
        let (items, rows) = (self.batch.items, vectors.rows());
        if item >= items || rows != items {
            return Err(fault(format!("item {item} of {items} tokenized items and {rows} vectors cannot be explained")));
        }
        let model = tokenizer.shared_model();
        let latent = model.config.model.latent;
        let z = self.batch.z.as_deref().ok_or_else(|| fault("these tokens were made without latents"))?;
        let z = &z[item * latent..(item + 1) * latent];
        let quantizer = self.batch.experts_of(item).first().map_or(model.config.model.experts, |&k| k as usize);
        let near = self.near(vectors, item);
        Ok(to_object(&Explanation {
            item,
            router: model.router.as_ref().map_or(Vec::new(), |router| probabilities(router, z)),
            norm: norm(z),
            levels: chain(model, quantizer, z),
            by_embedding: nearest(&near, |near| near.cosine),
            // A cosine is at most 1: codes in common come first.
            by_codes: nearest(&near, |near| 4.0 * near.shared as f32 + near.cosine),
        }))
    }
}

impl Tokens {
    /// Every other item.
    fn near(&self, vectors: &Vectors, item: usize) -> Vec<Near> {
        let own = vectors.slice(item, 1);
        let others = (0..self.batch.items).filter(|&other| other != item);
        others
            .map(|other| {
                let row = vectors.slice(other, 1);
                Near { item: other, cosine: cosine(own, row), shared: self.shared_codes(item, other) }
            })
            .collect()
    }

    fn shared_codes(&self, a: usize, b: usize) -> usize {
        let batch = &self.batch;
        let codes = |i: usize| &batch.codes[i * batch.slots * batch.levels..][..batch.levels];
        if batch.experts_of(a).first() != batch.experts_of(b).first() {
            return 0;
        }
        codes(a).iter().zip(codes(b)).take_while(|(a, b)| a == b).count()
    }
}

/// The items with the largest `key`, the largest first.
fn nearest(near: &[Near], key: fn(&Near) -> f32) -> Vec<Near> {
    let mut best: Vec<&Near> = Vec::new();
    for other in near {
        let place = best.iter().position(|kept| key(kept) < key(other)).unwrap_or(best.len());
        if place < NEAR {
            best.truncate(NEAR - 1);
            best.insert(place, other);
        }
    }
    best.into_iter().copied().collect()
}

/// Probability of every expert, as the engine's router gives it.
pub(super) fn probabilities(router: &Linear, z: &[f32]) -> Vec<f32> {
    let logits = PackedLinear::new(router).forward(z, Activation::Identity);
    let mut probabilities = vec![0.0; logits.len()];
    route(&logits, logits.len()).into_iter().for_each(|(expert, gate)| probabilities[expert as usize] = gate);
    probabilities
}

/// Each level's two nearest codes, and what its choice leaves.
fn chain(model: &Model, quantizer: usize, z: &[f32]) -> Vec<Level> {
    let mut residual = z.to_vec();
    let mut chosen = Vec::new();
    for level in 0..model.config.model.levels {
        let codebook = model.codebook(quantizer, level);
        let (mut best, mut second) = ((0, f32::INFINITY), (0, f32::INFINITY));
        for (code, c) in codebook.chunks_exact(z.len()).enumerate() {
            let distance = residual.iter().zip(c).map(|(r, c)| (r - c) * (r - c)).sum::<f32>();
            if distance < best.1 {
                (second, best) = (best, (code, distance));
            } else if distance < second.1 {
                second = (code, distance);
            }
        }
        residual.iter_mut().zip(&codebook[best.0 * z.len()..]).for_each(|(r, c)| *r -= c);
        let ((code, distance), (runner_up, runner_up_distance)) = (best, second);
        chosen.push(Level { code, distance, runner_up, runner_up_distance, left: norm(&residual) });
    }
    chosen
}

fn norm(v: &[f32]) -> f32 {
    v.iter().map(|x| x * x).sum::<f32>().sqrt()
}
