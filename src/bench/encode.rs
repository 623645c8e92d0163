//! `unitok bench encode`: the encoder alone, embeddings → latents.

use std::convert::Infallible;
use std::time::Duration;

use super::clock::measure;
use super::cost::Cost;
use super::on_gpu::{measurements, stage_model};
use super::{Error, Outcome, Rates, sample_indices, share};
use crate::base::parallel::{map_chunks, threads};
use crate::compute::DeviceInfo;
use crate::compute::cpu::layers::Layers;
use crate::compute::gpu::GpuOptions;
use crate::engine::gpu::GpuEngine;
use crate::engine::{AnyEngine, Engine, EngineError, Stage, Want, reference, scale_rows};
use crate::model::{Linear, Model};

/// Most items that are compared with the reference.
const CHECKED: usize = 2_000;
/// Largest relative error of a latent that counts as equal.
const TOLERANCE: f64 = 1e-4;

/// Times the encoder of `model` over `rows [items][input]`, including their scaling.
///
/// # Errors
/// If the engine fails.
pub fn encode(model: &Model, engine: &AnyEngine, rows: &[f32], limit: Duration) -> Result<Outcome, EngineError> {
    let (width, latent) = (model.config.model.input, model.config.model.latent);
    let (items, sample) = sample(rows, width);
    let sample = scale_rows(&sample, width)?;
    let result = pollster::block_on(engine.tokenize_scaled(&sample, Want { latents: true, ..Want::default() }))?;
    let agrees = agreement(&model.encoder, &sample, &result.z.unwrap_or_default(), latent);
    let rates = measure(items, limit, || pollster::block_on(engine.run_until(rows, Stage::Encode)))?;
    let mut outcome = outcome(items, engine.info().name, rates, &agrees);
    // Nothing is read back.
    let cost = Cost { down: 0.0, ..Cost::per_item(&model.config.model, Stage::Encode) };
    outcome.more = match engine {
        AnyEngine::Gpu(engine) => measurements(engine, Stage::Encode, cost, rates.items_per_second)?,
        AnyEngine::Cpu(_) => cost.floor(&rates),
    };
    Ok(outcome)
}

/// Times `layers` as [`encode_layers`] does, but on a GPU, including the copies from and to the host's memory.
///
/// # Errors
/// [`Error::Config`] if no model may have such layers, [`Error::Engine`] if the engine fails.
pub fn encode_layers_on_gpu(layers: &[Linear], rows: &[f32], limit: Duration) -> Result<Outcome, Error> {
    let latent = layers[layers.len() - 1].outputs;
    // The engine needs a quantizer: this is the smallest one.
    let model = stage_model(layers.to_vec(), 1, 2, vec![0.0; 2 * latent])?;
    let engine = pollster::block_on(GpuEngine::new(&model, &GpuOptions::default()))?;
    let latents = |rows: &[f32]| {
        let want = Want { latents: true, ..Want::default() };
        pollster::block_on(engine.tokenize_scaled(rows, want)).map(|found| found.z.unwrap_or_default())
    };
    let (items, sample) = sample(rows, layers[0].inputs);
    let agrees = agreement(layers, &sample, &latents(&sample)?, latent);
    let rates = measure(items, limit, || latents(rows))?;
    // Latents z and ẑ are read back.
    let cost = Cost { down: 8.0 * latent as f64, ..Cost::per_item(&model.config.model, Stage::Encode) };
    let more = measurements(&engine, Stage::Encode, cost, rates.items_per_second)?;
    Ok(Outcome { more, ..outcome(items, engine.info().name, rates, &agrees) })
}

/// Times `layers` over `rows [items][inputs]` on the CPU, with ReLU after each layer except the last.
pub fn encode_layers(layers: &[Linear], rows: &[f32], limit: Duration) -> Outcome {
    let (width, latent) = (layers[0].inputs, layers[layers.len() - 1].outputs);
    let encoder = Layers::new(layers);
    let (items, sample) = sample(rows, width);
    let agrees = agreement(layers, &sample, &encoder.run(&sample), latent);
    let rates = measure(items, limit, || Ok::<_, Infallible>(encoder.run(rows)));
    let rates = rates.unwrap_or_else(|never| match never {});
    let products: usize = layers.iter().map(|layer| layer.inputs * layer.outputs).sum();
    let cost = Cost { flops: 2.0 * products as f64, up: 4.0 * width as f64, down: 4.0 * latent as f64 };
    Outcome { more: cost.floor(&rates), ..outcome(items, DeviceInfo::cpu(None).name, rates, &agrees) }
}

/// Number of rows, and a copy of those that are compared with the reference.
fn sample(rows: &[f32], width: usize) -> (usize, Vec<f32>) {
    let items = rows.len() / width;
    let rows = sample_indices(items, CHECKED).into_iter().flat_map(|i| &rows[i * width..(i + 1) * width]);
    (items, rows.copied().collect())
}

/// Whether each of the latents `z` is close to the reference's for its row of `x`.
fn agreement(layers: &[Linear], x: &[f32], z: &[f32], latent: usize) -> Vec<bool> {
    let pairs: Vec<(&[f32], &[f32])> = x.chunks_exact(layers[0].inputs).zip(z.chunks_exact(latent)).collect();
    map_chunks(&pairs, 64, |pairs| pairs.iter().map(|(x, z)| close(&reference::run(layers, x), z)).collect::<Vec<bool>>())
        .concat()
}

fn close(exact: &[f64], found: &[f32]) -> bool {
    let difference = exact.iter().zip(found).map(|(e, f)| (e - f64::from(*f)).powi(2)).sum::<f64>();
    difference.sqrt() <= TOLERANCE * reference::squared_norm(exact).sqrt()
}

fn outcome(items: usize, device: String, rates: Rates, agrees: &[bool]) -> Outcome {
    let (threads, agreement, checked) = (threads(), share(agrees), agrees.len());
    Outcome { stage: "encode", items, threads, device, rates, agreement, checked, more: serde_json::Map::new() }
}
