//! How well the model describes items: what the page holds a new catalogue against known ones with.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::explain::probabilities;
use crate::web::{Tokenizer, Tokens, Vectors};
use crate::compute::stats::hsic::hsic;
use crate::web::error::{fault, to_object};

/// Items that the dependence of latent and input is measured over: it takes their number squared.
const HSIC_ITEMS: usize = 300;

/// What was measured of some items.
#[derive(Serialize)]
struct Measured {
    /// `[items]` share of the input's norm², that the decoder does not give back.
    loss: Vec<f32>,
    /// `[items]` entropy of the router's probabilities, in bits.
    entropy: Vec<f32>,
    /// Scale-free HSIC of input and latent.
    hsic: f64,
}

/// A row near another.
#[derive(Serialize)]
struct NearRow {
    row: usize,
    cosine: f32,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Of some items: share of the input that is not given back and the router's entropy in bits, `[items]`; scale-free HSIC of input and latent. */
export interface Measured { loss: number[]; entropy: number[]; hsic: number }
"#;

#[wasm_bindgen]
impl Tokens {
    /// Measures how these items are described. They are tokens of all `vectors`, made with `reconstruct`.
    ///
    /// # Errors
    /// Tokens of other vectors, or without reconstruction.
    #[wasm_bindgen(unchecked_return_type = "Measured")]
    pub fn measure(&self, tokenizer: &Tokenizer, vectors: &Vectors) -> Result<JsValue, JsValue> {
        let (Some(errors), Some(z)) = (&self.batch.reconstruction, &self.batch.z) else {
            return Err(fault("these tokens were made without reconstruction"));
        };
        if vectors.rows() != self.batch.items {
            return Err(fault(format!("{} vectors, but tokens of {}", vectors.rows(), self.batch.items)));
        }
        let model = tokenizer.shared_model();
        let a = &model.config.model;
        let entropy = |z: &[f32]| model.router.as_ref().map_or(0.0, |router| entropy_bits(&probabilities(router, z)));
        let sampled = self.batch.items.min(HSIC_ITEMS);
        let measured = Measured {
            loss: errors.iter().map(|error| error / a.input as f32).collect(),
            entropy: z.chunks_exact(a.latent).map(entropy).collect(),
            hsic: hsic(vectors.slice(0, sampled), a.input, &z[..sampled * a.latent], a.latent).scale_free,
        };
        Ok(to_object(&measured))
    }
}

#[wasm_bindgen]
impl Vectors {
    /// The row of `others` with the largest cosine to row `row`.
    ///
    /// # Errors
    /// No such row, or another width.
    #[wasm_bindgen(unchecked_return_type = "{ row: number; cosine: number }")]
    pub fn nearest(&self, row: usize, others: &Vectors) -> Result<JsValue, JsValue> {
        if row >= self.rows() || self.width() != others.width() || others.rows() == 0 {
            return Err(fault(format!("row {row} of {} cannot be held against {} rows", self.rows(), others.rows())));
        }
        let own = self.slice(row, 1);
        let cosines = (0..others.rows()).map(|row| NearRow { row, cosine: cosine(own, others.slice(row, 1)) });
        let nearest = cosines.max_by(|a, b| a.cosine.total_cmp(&b.cosine));
        Ok(nearest.map_or(JsValue::UNDEFINED, |nearest| to_object(&nearest)))
    }
}

/// Cosine of two rows; 0 where one is zero.
pub(super) fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let (mut dot, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        (dot, aa, bb) = (dot + a * b, aa + a * a, bb + b * b);
    }
    dot / (aa * bb).sqrt().max(f32::MIN_POSITIVE)
}

fn entropy_bits(probabilities: &[f32]) -> f32 {
    probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.log2()).sum()
}
