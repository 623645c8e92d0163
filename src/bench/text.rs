//! Texts → embeddings: the text encoder, tokenization included.

use std::time::Duration;

use serde_json::{Map, json};

use super::ceilings::Ceilings;
use super::clock::measure;
use super::on_gpu::{Cost, shares};
use super::{Error, Outcome, share, spread};
use crate::engine::cpu;
use crate::text::{AnyTextEncoder, AnyTransformer, Architecture, Reference};

/// Texts that are held to the reference, which takes its time.
const CHECKED: usize = 16;
/// Least cosine to the reference that passes for equal: what int8 weights keep; f32 is off in the seventh digit.
const CLOSE: f64 = 0.999;

/// Times the embedding of `texts`; on the CPU on the threads of the current pool.
///
/// # Errors
/// Of a GPU.
pub fn text(encoder: &AnyTextEncoder, reference: &Reference<'_>, texts: &[String], limit: Duration) -> Result<Outcome, Error> {
    let checked = spread(texts.len(), CHECKED);
    let embed = || pollster::block_on(encoder.embed_async(texts));
    let embedded = embed()?;
    let width = encoder.width();
    let cosines = cpu::map_chunks(&checked, 1, |i| {
        let exact = reference.embed(&encoder.tokenizer().encode(&texts[i[0]]));
        exact.iter().zip(&embedded[i[0] * width..]).map(|(a, b)| a * f64::from(*b)).sum::<f64>()
    });
    let rates = measure(texts.len(), limit, embed)?;
    let mut more = Map::new();
    if let AnyTransformer::Gpu(gpu) = encoder.transformer() {
        let ceilings = pollster::block_on(Ceilings::measure(gpu.gpu()))?;
        let cost = mean_cost(encoder, gpu.architecture(), texts);
        more = shares(gpu.gpu(), gpu.tile(), ceilings, cost, rates.items_per_second);
    }
    let least = cosines.iter().copied().fold(1.0, f64::min);
    more.insert("least_cosine".to_owned(), json!(least));
    Ok(Outcome {
        stage: "text",
        items: texts.len(),
        threads: cpu::threads(),
        device: encoder.info().name,
        rates,
        agreement: share(&cosines.iter().map(|c| *c >= CLOSE).collect::<Vec<_>>()),
        checked: checked.len(),
        more,
    })
}

/// What a text costs on the device, in the mean: without padding, a text has as much work as it has tokens.
fn mean_cost(encoder: &AnyTextEncoder, a: &Architecture, texts: &[String]) -> Cost {
    let tokens: Vec<f64> = texts.iter().map(|text| encoder.tokenizer().encode(text).len() as f64).collect();
    let count = tokens.len().max(1) as f64;
    let (all, squares) = (tokens.iter().sum::<f64>() / count, tokens.iter().map(|n| n * n).sum::<f64>() / count);
    let (h, inside) = (a.hidden as f64, a.intermediate as f64);
    let products = all * (4.0 * h * h + 2.0 * h * inside) + squares * 2.0 * h;
    Cost { flops: 2.0 * products * a.layers as f64, up: 8.0 * all, down: 4.0 * h }
}
