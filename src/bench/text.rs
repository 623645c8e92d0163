//! Texts → embeddings: the text encoder, tokenization included.

use crate::base::parallel::{map_chunks, threads};
use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::ceilings::Ceilings;
use super::clock::measure;
use super::cost::Cost;
use super::on_gpu::shares;
use super::{Error, Outcome, share, spread};
use crate::text::{AnyTextEncoder, AnyTransformer, Reference};

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
    let cosines = map_chunks(&checked, 1, |i| {
        let exact = reference.embed(&encoder.tokenizer().encode(&texts[i[0]]));
        exact.iter().zip(&embedded[i[0] * width..]).map(|(a, b)| a * f64::from(*b)).sum::<f64>()
    });
    let rates = measure(texts.len(), limit, embed)?;
    // Catalogues repeat themselves, and what is equal is embedded once.
    let distinct: BTreeSet<Vec<u32>> = texts.iter().map(|text| encoder.tokenizer().encode(text)).collect();
    let lengths: Vec<f64> = distinct.iter().map(|tokens| tokens.len() as f64).collect();
    let cost = Cost::of_text(reference.architecture(), &lengths, texts.len());
    let mut more = match encoder.transformer() {
        AnyTransformer::Gpu(gpu) => {
            let ceilings = pollster::block_on(Ceilings::measure(gpu.gpu()))?;
            shares(gpu.gpu(), gpu.tile(), ceilings, cost, rates.items_per_second)
        }
        AnyTransformer::Cpu(..) => cost.floor(&rates),
    };
    let least = cosines.iter().copied().fold(1.0, f64::min);
    more.insert("least_cosine".to_owned(), json!(least));
    more.insert("distinct".to_owned(), json!(distinct.len()));
    Ok(Outcome {
        stage: "text",
        items: texts.len(),
        threads: threads(),
        device: encoder.info().name,
        rates,
        agreement: share(&cosines.iter().map(|c| *c >= CLOSE).collect::<Vec<_>>()),
        checked: checked.len(),
        more,
    })
}
