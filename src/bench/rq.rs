//! `unitok bench rq`: one residual quantizer alone, latents → codes.

use std::time::Duration;

use serde_json::json;

use super::agreement::chain_agrees;
use super::clock::measure;
use super::cost::Cost;
use super::data::RqData;
use super::on_gpu::{identity, measurements, stage_model};
use super::{CHECKED, Error, Outcome, sample_indices, share};
use crate::base::parallel::{fill_chunks, map_chunks, threads};
use crate::compute::DeviceInfo;
use crate::compute::gpu::GpuOptions;
use crate::engine::cpu::quantize::{Beam, Choice, Quantizer, Search, Workspace};
use crate::engine::gpu::GpuEngine;
use crate::engine::{Engine, EngineError, Stage, Want};

/// Latents that a thread quantizes at a time.
const CHUNK: usize = 1024;

/// Times residual quantization of `data` on the CPU, with the threads of the current pool: greedy, or by beam search if
/// `width` is more than 1.
///
/// # Errors
/// [`EngineError::Device`] if beam search would take too much memory.
pub fn rq(data: &RqData, width: usize, limit: Duration) -> Result<Outcome, EngineError> {
    let quantizer = Quantizer::from_codebooks((0..data.levels).map(|l| data.codebook(l)), data.latent);
    let search: Box<dyn Search> = if width > 1 { Box::new(Beam::new(quantizer, width)?) } else { Box::new(quantizer) };
    let mut outcome = timed(data, width, limit, DeviceInfo::cpu(None).name, || Ok(run(&*search, data)))?;
    let products = data.levels * data.codes * data.latent;
    let cost = Cost { flops: 2.0 * products as f64, up: 4.0 * data.latent as f64, down: 4.0 * data.levels as f64 };
    outcome.more.append(&mut cost.floor(&outcome.rates));
    Ok(outcome)
}

/// Times greedy residual quantization of `data` on a GPU, including the copies from and to the host's memory.
///
/// # Errors
/// [`Error::Config`] if no model may have the data's shapes, [`Error::Engine`] if the engine fails.
pub fn rq_on_gpu(data: &RqData, limit: Duration) -> Result<Outcome, Error> {
    // The engine needs an encoder. An identity adds little work.
    let model = stage_model(vec![identity(data.latent)], data.levels, data.codes, data.codebooks.clone())?;
    let engine = pollster::block_on(GpuEngine::new(&model, &GpuOptions::default()))?;
    let run = || Ok(pollster::block_on(engine.tokenize_scaled(&data.x, Want::default()))?.codes);
    let mut outcome = timed(data, 1, limit, engine.info().name, run)?;
    let cost = Cost::per_item(&model.config.model, Stage::Quantize);
    outcome.more.append(&mut measurements(&engine, Stage::Quantize, cost, outcome.rates.items_per_second)?);
    Ok(outcome)
}

/// Compares the codes `[items][levels]` that `run` returns with the reference, and times `run`.
fn timed(
    data: &RqData,
    width: usize,
    limit: Duration,
    device: String,
    mut run: impl FnMut() -> Result<Vec<u32>, EngineError>,
) -> Result<Outcome, EngineError> {
    let codes = run()?;
    let checked: Vec<usize> = sample_indices(data.items(), if width > 1 { CHECKED / 40 } else { CHECKED });
    let agrees = map_chunks(&checked, 256, |rows| {
        rows.iter().map(|&i| chain_agrees(data, i, &codes[i * data.levels..][..data.levels], width)).collect::<Vec<bool>>()
    });
    let rates = measure(data.items(), limit, run)?;
    let mut more = serde_json::Map::new();
    more.insert("beam".into(), json!(width));
    more.insert("mse".into(), json!(mean_squared_error(data, &codes)));
    Ok(Outcome {
        stage: "rq",
        items: data.items(),
        threads: threads(),
        device,
        rates,
        agreement: share(&agrees.concat()),
        checked: checked.len(),
        more,
    })
}

/// Codes of all vectors: `[items][levels]`.
fn run(search: &dyn Search, data: &RqData) -> Vec<u32> {
    let mut codes = vec![0; data.items() * data.levels];
    let chunk = |(work, choices): &mut (Workspace, Vec<Choice>), latents: &[f32], codes: &mut [u32]| {
        search.quantize_rows(latents, false, work, choices);
        codes.iter_mut().zip(choices).for_each(|(code, choice)| *code = choice.code);
    };
    fill_chunks((&data.x, CHUNK * data.latent), (&mut codes, CHUNK * data.levels), Default::default, chunk);
    codes
}

/// Mean of `(x − x̂)²` over all values, where x̂ is the sum of a vector's codes.
fn mean_squared_error(data: &RqData, codes: &[u32]) -> f64 {
    let mut sum = 0.0;
    for (x, codes) in data.x.chunks_exact(data.latent).zip(codes.chunks_exact(data.levels)) {
        let mut residual: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
        for (level, &code) in codes.iter().enumerate() {
            let code = &data.codebook(level)[code as usize * data.latent..][..data.latent];
            residual.iter_mut().zip(code).for_each(|(r, c)| *r -= f64::from(*c));
        }
        sum += residual.iter().map(|r| r * r).sum::<f64>();
    }
    sum / data.x.len() as f64
}
