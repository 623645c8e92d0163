//! `unitok bench text`: the text encoder including its word pieces, texts → embeddings.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;

use super::ceilings::Ceilings;
use super::clock::measure;
use super::cost::Cost;
use super::on_gpu::ceiling_shares;
use super::{Error, Outcome, sample_indices, share};
use crate::base::parallel::{map_chunks, threads};
use crate::text::{AnyTextEncoder, AnyTransformer, Reference};

/// Most texts that are compared with the reference, which is slow.
const CHECKED: usize = 16;
/// Least cosine to the reference that counts as equal. Int8 weights reach it; f32 differs in the seventh digit only.
const CLOSE: f64 = 0.999;

/// Times the embedding of `texts`; on the CPU with the threads of the current pool.
///
/// # Errors
/// If a GPU fails.
pub fn text(encoder: &AnyTextEncoder, reference: &Reference<'_>, texts: &[String], limit: Duration) -> Result<Outcome, Error> {
    let checked = sample_indices(texts.len(), CHECKED);
    let embed = || pollster::block_on(encoder.embed_async(texts));
    let embedded = embed()?;
    let width = encoder.width();
    let cosines = map_chunks(&checked, 1, |i| {
        let exact = reference.embed(&encoder.tokenizer().encode(&texts[i[0]]));
        exact.iter().zip(&embedded[i[0] * width..]).map(|(a, b)| a * f64::from(*b)).sum::<f64>()
    });
    let rates = measure(texts.len(), limit, embed)?;
    // The encoder embeds equal texts once, and catalogues have many.
    let distinct: BTreeSet<Vec<u32>> = texts.iter().map(|text| encoder.tokenizer().encode(text)).collect();
    let lengths: Vec<f64> = distinct.iter().map(|tokens| tokens.len() as f64).collect();
    let cost = Cost::per_text(reference.architecture(), &lengths, texts.len());
    let mut more = match encoder.transformer() {
        AnyTransformer::Gpu(gpu) => {
            let ceilings = pollster::block_on(Ceilings::measure(gpu.gpu()))?;
            ceiling_shares(gpu.gpu(), gpu.tile(), ceilings, cost, rates.items_per_second)
        }
        AnyTransformer::Cpu(..) => cost.floor(&rates),
    };
    let least_cosine = cosines.iter().copied().fold(1.0, f64::min);
    more.insert("least_cosine".to_owned(), json!(least_cosine));
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
