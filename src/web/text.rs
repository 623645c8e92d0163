//! The sentence encoder, on the CPU.

use wasm_bindgen::prelude::*;

use super::error::fault;
use crate::text::TextEncoder;

/// A sentence encoder of the MiniLM class.
#[wasm_bindgen]
pub struct TextModel {
    encoder: TextEncoder,
}

#[wasm_bindgen]
impl TextModel {
    /// Loads an encoder from the contents of its three files.
    ///
    /// # Errors
    /// Damaged files, or another architecture.
    pub fn load(config: &[u8], tokenizer: &[u8], weights: &[u8]) -> Result<Self, JsValue> {
        TextEncoder::from_bytes(config, tokenizer, weights).map(|encoder| Self { encoder }).map_err(fault)
    }

    /// Width of an embedding.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.encoder.width()
    }

    /// `[texts][width]` embeddings. Give a few texts at a time: the call returns when all are done.
    #[allow(clippy::needless_pass_by_value)] // wasm-bindgen hands strings over by value only
    pub fn embed(&self, texts: Vec<String>) -> Vec<f32> {
        self.encoder.embed(&texts)
    }
}
