//! Helpers of benchmarks on a GPU: a model around a single stage, and the report of the adapter, its ceilings and the share of
//! them that a stage reached.

use serde_json::{Map, Value, json};

use super::ceilings::Ceilings;
use super::cost::Cost;
use super::synthetic;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::engine::gpu::GpuEngine;
use crate::engine::{EngineError, Stage};
use crate::model::{Architecture, ConfigError, Linear, Mix, Model};

/// A model that the GPU engine can run, with an encoder and one quantizer, `codebooks [levels][codes][latent]`, but without
/// experts and with a decoder of zeros.
///
/// # Errors
/// [`ConfigError`] if no model may have these shapes.
pub fn stage_model(encoder: Vec<Linear>, levels: usize, codes: usize, codebooks: Vec<f32>) -> Result<Model, ConfigError> {
    let last = encoder.len() - 1;
    let a = Architecture {
        input: encoder[0].inputs,
        hidden: encoder[..last].iter().map(|layer| layer.outputs).collect(),
        latent: encoder[last].outputs,
        levels,
        codes,
        experts: 0,
        top_n: 0,
        shared: true,
        mix: Mix::Sum,
    };
    a.validate()?;
    let zeros = |inputs, outputs| Linear { weight: vec![0.0; inputs * outputs], bias: vec![0.0; outputs], inputs, outputs };
    let decoder = encoder.iter().rev().map(|layer| zeros(layer.outputs, layer.inputs)).collect();
    Ok(Model { config: synthetic::config(a), encoder, decoder, router: None, codebooks })
}

/// A layer that returns its input.
pub fn identity(width: usize) -> Linear {
    let weight = (0..width * width).map(|i| if i % (width + 1) == 0 { 1.0 } else { 0.0 }).collect();
    Linear { weight, bias: vec![0.0; width], inputs: width, outputs: width }
}

/// Measurements of an engine that reached `rate` items per second: those of [`ceiling_shares`], and the rate of its kernels
/// alone.
///
/// # Errors
/// [`EngineError::Device`] if the device fails.
pub fn measurements(engine: &GpuEngine, stage: Stage, cost: Cost, rate: f64) -> Result<Map<String, Value>, EngineError> {
    let ceilings = pollster::block_on(Ceilings::measure(engine.gpu()))?;
    let kernels = pollster::block_on(engine.kernel_rate(stage))?;
    let mut report = ceiling_shares(engine.gpu(), engine.tile(), ceilings, cost, rate);
    report.insert("kernels_items_per_second".into(), json!(kernels));
    report.insert("kernels_share_of_gflops".into(), json!(kernels * cost.flops / 1e9 / ceilings.gflops));
    Ok(report)
}

/// The adapter, its ceilings, and the shares of them that `rate` items per second reach.
pub fn ceiling_shares(gpu: &Gpu, tile: Tile, ceilings: Ceilings, cost: Cost, rate: f64) -> Map<String, Value> {
    let share = |each: f64, ceiling: f64| rate * each / 1e9 / ceiling;
    let report = json!({
        "adapter": gpu.info,
        "tile": tile.to_string(),
        "ceilings": ceilings,
        "share_of_gflops": share(cost.flops, ceilings.gflops),
        "share_of_upload": share(cost.up, ceilings.upload),
        "share_of_readback": share(cost.down, ceilings.readback),
    });
    if let Value::Object(report) = report { report } else { Map::new() }
}
