//! `unitok bench tokenize`: the whole tokenizer, embeddings → codes.

use std::time::Duration;

use super::agreement::item_agrees;
use super::clock::measure;
use super::cost::Cost;
use super::on_gpu::measurements;
use super::{CHECKED, Outcome, sample_indices, share};
use crate::base::parallel::{map_chunks, threads};
use crate::engine::{AnyEngine, Engine, EngineError, Stage, Tokenized, Want, reference, scale_rows};
use crate::model::Model;

/// Times scaling, encoder, router and quantizers of `model` over `rows [items][input]`.
///
/// # Errors
/// If the engine fails.
pub fn tokenize(model: &Model, engine: &AnyEngine, rows: &[f32], limit: Duration) -> Result<Outcome, EngineError> {
    let width = model.config.model.input;
    let items = rows.len() / width;
    let run = || -> Result<Tokenized, EngineError> { pollster::block_on(engine.tokenize(rows, Want::default())) };
    let result = run()?;
    let scaled = scale_rows(rows, width)?;
    let checked = sample_indices(items, CHECKED / 4);
    let agrees = map_chunks(&checked, 64, |items| {
        let agrees = |&i: &usize| item_agrees(&reference::tokenize(model, &scaled[i * width..(i + 1) * width]), &result, i);
        items.iter().map(agrees).collect::<Vec<bool>>()
    });
    drop(scaled);
    let rates = measure(items, limit, run)?;
    let cost = Cost::per_item(&model.config.model, Stage::Quantize);
    let more = match engine {
        AnyEngine::Gpu(engine) => measurements(engine, Stage::Quantize, cost, rates.items_per_second)?,
        AnyEngine::Cpu(_) => cost.floor(&rates),
    };
    Ok(Outcome {
        stage: "tokenize",
        items,
        threads: threads(),
        device: engine.info().name,
        rates,
        agreement: share(&agrees.concat()),
        checked: checked.len(),
        more,
    })
}
