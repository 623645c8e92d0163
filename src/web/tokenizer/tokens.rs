//! What the engine says of each item.

use wasm_bindgen::prelude::*;

use crate::engine::Tokenized;

/// Tokens of a batch of items. Arrays are flat, `[items][…]`; levels are those of the top expert.
#[wasm_bindgen]
pub struct Tokens {
    pub(super) batch: Tokenized,
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

    /// `[items][slots][levels]` norm of the residual after each level.
    #[wasm_bindgen(js_name = residualNorms)]
    pub fn residual_norms(&self) -> Vec<f32> {
        self.batch.residual_norms.clone()
    }
}

impl Tokens {
    pub(super) fn new(batch: Tokenized) -> Self {
        Self { batch }
    }
}
