//! What the engine says of each item.

use wasm_bindgen::prelude::*;

use crate::engine::Tokenized;

/// Tokens of a batch of items. Arrays are flat, `[items][…]`; levels are those of the top expert.
#[wasm_bindgen]
pub struct Tokens {
    pub(crate) batch: Tokenized,
}

#[wasm_bindgen]
impl Tokens {
    /// Adds the tokens of further items of the same model; `more` is used up.
    pub fn append(&mut self, more: Tokens) {
        self.batch.append(more.batch);
    }

    /// Number of items.
    #[wasm_bindgen(getter)]
    pub fn items(&self) -> usize {
        self.batch.items
    }

    /// `[items][topN]` experts, the largest gate first.
    pub fn experts(&self) -> Vec<u32> {
        self.batch.experts.clone()
    }

    /// `[items][topN]` probability of each expert.
    pub fn gates(&self) -> Vec<f32> {
        self.batch.gates.clone()
    }

    /// `[items][slots][levels]` codes as the engine chose them; the shared expert is the last slot.
    pub fn codes(&self) -> Vec<u32> {
        self.batch.codes.clone()
    }

    /// `[items][slots][levels]` squared distance of the runner-up minus that of the choice.
    pub fn margins(&self) -> Vec<f32> {
        self.batch.margins.clone()
    }

    /// `[items][slots][levels]` norm of what is left after each level.
    #[wasm_bindgen(js_name = residualNorms)]
    pub fn residual_norms(&self) -> Vec<f32> {
        self.batch.residual_norms.clone()
    }

    /// `[items]` closest call of each item: the least margin over its levels, as a share of the squared
    /// distance to the chosen code. 0.01 means that the runner-up is 1 % farther away.
    pub fn closest(&self) -> Vec<f32> {
        self.closest_calls().map(|call| call.1).collect()
    }

    /// `[items]` level of the closest call, from 0.
    #[wasm_bindgen(js_name = closestLevel)]
    pub fn closest_level(&self) -> Vec<u8> {
        self.closest_calls().map(|call| call.0 as u8).collect()
    }

    /// `[items]` share of the latent's norm that the top expert's codes leave unexplained.
    pub fn left(&self) -> Vec<f32> {
        let Some(z) = &self.batch.z else { return vec![0.0; self.batch.items] };
        let latent = z.len() / self.batch.items.max(1);
        let norms = z.chunks_exact(latent.max(1)).map(|z| z.iter().map(|v| v * v).sum::<f32>().sqrt());
        let stride = self.batch.slots * self.batch.levels;
        let left = self.batch.residual_norms.chunks_exact(stride).map(|norms| norms[self.batch.levels - 1]);
        left.zip(norms).map(|(left, norm)| left / norm.max(f32::MIN_POSITIVE)).collect()
    }
}

impl Tokens {
    pub(crate) fn new(batch: Tokenized) -> Self {
        Self { batch }
    }

    fn closest_calls(&self) -> impl Iterator<Item = (usize, f32)> {
        let Tokenized { slots, levels, margins, residual_norms, .. } = &self.batch;
        let items = margins.chunks_exact(slots * levels).zip(residual_norms.chunks_exact(slots * levels));
        items.map(|(margins, norms)| {
            let calls = margins[..*levels].iter().zip(norms).map(|(m, r)| m / (r * r).max(f32::MIN_POSITIVE));
            calls.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f32::INFINITY))
        })
    }
}
