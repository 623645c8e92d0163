//! Embeddings → latents: the encoder alone.

use std::time::Duration;

use super::clock::measure;
use super::{CHECKED, Outcome, share, spread};
use crate::engine::reference;
use crate::engine::{AnyEngine, Engine, EngineError, Stage, Want, cpu, scale_rows};
use crate::weights::Model;

/// Relative error of a latent that passes for equal.
const TOLERANCE: f64 = 1e-4;

/// Times the encoder of `model` over `rows [items][input]`.
///
/// # Errors
/// Of the engine.
pub fn encode(model: &Model, engine: &AnyEngine, rows: &[f32], limit: Duration) -> Result<Outcome, EngineError> {
    let (width, latent) = (model.config.model.input, model.config.model.latent);
    let scaled = scale_rows(rows, width)?;
    let items = rows.len() / width;
    let checked = spread(items, CHECKED / 10);
    let sample: Vec<f32> = checked.iter().flat_map(|&i| &scaled[i * width..(i + 1) * width]).copied().collect();
    let result = pollster::block_on(engine.tokenize_scaled(&sample, Want { latents: true, ..Want::default() }))?;
    let z = result.z.unwrap_or_default();
    let pairs: Vec<(&[f32], &[f32])> = sample.chunks_exact(width).zip(z.chunks_exact(latent)).collect();
    let agrees = cpu::map_chunks(&pairs, 64, |pairs| {
        pairs.iter().map(|(x, z)| close(&reference::encode(model, x), z)).collect::<Vec<bool>>()
    });
    let rates = measure(items, limit, || pollster::block_on(engine.run_until(rows, Stage::Encode)))?;
    Ok(Outcome {
        stage: "encode",
        items,
        threads: cpu::threads(),
        device: engine.info().name,
        rates,
        agreement: share(&agrees.concat()),
        checked: checked.len(),
        more: serde_json::Map::new(),
    })
}

fn close(exact: &[f64], found: &[f32]) -> bool {
    let difference = exact.iter().zip(found).map(|(e, f)| (e - f64::from(*f)).powi(2)).sum::<f64>();
    difference.sqrt() <= TOLERANCE * reference::square(exact).sqrt()
}
