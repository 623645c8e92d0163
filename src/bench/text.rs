//! Texts → embeddings: the text encoder, tokenization included.

use std::convert::Infallible;
use std::time::Duration;

use serde_json::json;

use super::clock::measure;
use super::{Outcome, share, spread};
use crate::engine::cpu;
use crate::text::{Reference, TextEncoder};

/// Texts that are held to the reference, which takes its time.
const CHECKED: usize = 16;
/// Least cosine to the reference that passes for equal: what int8 weights keep; f32 is off in the seventh digit.
const CLOSE: f64 = 0.999;

/// Times the embedding of `texts` on the CPU, on the threads of the current pool.
pub fn text(encoder: &TextEncoder, reference: &Reference<'_>, texts: &[String], limit: Duration) -> Outcome {
    let checked = spread(texts.len(), CHECKED);
    let embedded = encoder.embed(texts);
    let width = encoder.width();
    let cosines = cpu::map_chunks(&checked, 1, |i| {
        let exact = reference.embed(&encoder.tokenizer().encode(&texts[i[0]]));
        exact.iter().zip(&embedded[i[0] * width..]).map(|(a, b)| a * f64::from(*b)).sum::<f64>()
    });
    let rates = measure(texts.len(), limit, || Ok::<_, Infallible>(encoder.embed(texts)));
    let rates = rates.unwrap_or_else(|never| match never {});
    let least = cosines.iter().copied().fold(1.0, f64::min);
    Outcome {
        stage: "text",
        items: texts.len(),
        threads: cpu::threads(),
        device: cpu::info(None).name,
        rates,
        agreement: share(&cosines.iter().map(|c| *c >= CLOSE).collect::<Vec<_>>()),
        checked: checked.len(),
        more: [("least_cosine".to_owned(), json!(least))].into_iter().collect(),
    }
}
