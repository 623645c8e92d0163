//! How fast each stage runs here, and whether its results are right: what `unitok bench` prints.
//!
//! One stage, one device, one process: peers are timed beside it by `cargo xtask bench`, each in a process of its
//! own. Results are held to the float64 reference before anything is timed.

mod agreement;
mod ceilings;
mod clock;
mod cost;
mod data;
mod encode;
mod on_gpu;
mod rounding;
mod rq;
pub mod synthetic;
mod text;
mod tokenize;
#[cfg(feature = "train")]
mod train;

pub use ceilings::source as ceiling_source;
pub use clock::Rates;
pub use data::{DataError, RqData, read_array, read_layers};
pub use encode::{encode, encode_layers, encode_layers_on_gpu};
pub use on_gpu::stage_model;
pub use rounding::{Rounding, round_encoder};
pub use rq::{rq, rq_on_gpu};
pub use text::text;
pub use tokenize::tokenize;
#[cfg(feature = "train")]
pub use train::train;

use serde::Serialize;

use crate::engine::EngineError;
use crate::model::ConfigError;
use crate::text::TextError;

/// Items whose results are held to the reference, at most: float64 takes its time.
const CHECKED: usize = 20_000;

/// What keeps a stage from being timed on a GPU.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No model may have such shapes.
    #[error("the data does not fit the GPU engine: {0}")]
    Config(#[from] ConfigError),
    /// No device, or one that failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The text model.
    #[error(transparent)]
    Text(#[from] TextError),
}

/// What a benchmark found.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// `rq`, `encode`, `text`, `tokenize` or `train`.
    pub stage: &'static str,
    /// Items of a run.
    pub items: usize,
    /// Threads of the CPU's part.
    pub threads: usize,
    /// Device and instruction set.
    pub device: String,
    /// Speed.
    #[serde(flatten)]
    pub rates: Rates,
    /// Share of the checked items whose results equal the reference's: ties apart, or close enough where results are
    /// real numbers.
    pub agreement: f64,
    /// Items held to the reference, evenly spread.
    pub checked: usize,
    /// What else is worth knowing of the stage.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// `count` indices at most, evenly spread over `items`.
fn spread(items: usize, count: usize) -> Vec<usize> {
    let count = count.min(items);
    (0..count).map(|i| i * items / count).collect()
}

/// Share of `true`.
fn share(agrees: &[bool]) -> f64 {
    agrees.iter().filter(|a| **a).count() as f64 / agrees.len().max(1) as f64
}
