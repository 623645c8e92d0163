//! What a benchmark on a GPU tells besides its speed: the adapter, and the shares of its ceilings.

use serde_json::{Map, Value, json};

use super::ceilings::Ceilings;
use super::cost::Cost;
use super::synthetic;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::engine::gpu::GpuEngine;
use crate::engine::{EngineError, Stage};
use crate::model::{Architecture, ConfigError, Mix};
use crate::model::{Linear, Model};

/// An encoder and one quantizer, `codebooks [levels][codes][latent]`, as a model without experts, so that the GPU
/// engine runs it. The decoder is of zeros.
///
/// # Errors
/// [`ConfigError`] where no model may have these shapes.
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

/// The layer that changes nothing.
pub fn identity(width: usize) -> Linear {
    let weight = (0..width * width).map(|i| if i % (width + 1) == 0 { 1.0 } else { 0.0 }).collect();
    Linear { weight, bias: vec![0.0; width], inputs: width, outputs: width }
}

/// What is worth knowing of an engine that did `rate` items a second, its kernels alone included.
///
/// # Errors
/// [`EngineError::Device`].
pub fn facts(engine: &GpuEngine, stage: Stage, cost: Cost, rate: f64) -> Result<Map<String, Value>, EngineError> {
    let ceilings = pollster::block_on(Ceilings::measure(engine.gpu()))?;
    let kernels = pollster::block_on(engine.kernel_rate(stage))?;
    let mut facts = shares(engine.gpu(), engine.tile(), ceilings, cost, rate);
    facts.insert("kernels_items_per_second".into(), json!(kernels));
    facts.insert("kernels_share_of_gflops".into(), json!(kernels * cost.flops / 1e9 / ceilings.gflops));
    Ok(facts)
}

/// The adapter, its ceilings and the shares of them that `rate` items a second take.
pub fn shares(gpu: &Gpu, tile: Tile, ceilings: Ceilings, cost: Cost, rate: f64) -> Map<String, Value> {
    let share = |each: f64, ceiling: f64| rate * each / 1e9 / ceiling;
    let facts = json!({
        "adapter": gpu.info,
        "tile": tile.to_string(),
        "ceilings": ceilings,
        "share_of_gflops": share(cost.flops, ceilings.gflops),
        "share_of_upload": share(cost.up, ceilings.upload),
        "share_of_readback": share(cost.down, ceilings.readback),
    });
    if let Value::Object(facts) = facts { facts } else { Map::new() }
}
