//! `unitok bench`: how fast each stage runs on this machine, and whether its results are right.
//!
//! One run measures one stage on one device, after its results were compared with the float64 reference, or those of a
//! recommender with a slower computation. Other programs that do the same work are timed by `cargo xtask bench`, each in a
//! process of its own.

mod agreement;
mod ceilings;
mod clock;
mod cost;
mod data;
mod encode;
mod on_gpu;
#[cfg(feature = "train")]
mod recommend;
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
#[cfg(feature = "train")]
pub use recommend::{Part, recommend};
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

/// Most items that are compared with the reference, which is slow.
const CHECKED: usize = 20_000;

/// Why a stage cannot be timed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No model can have the data's shapes.
    #[error("the data does not fit the GPU engine: {0}")]
    Config(#[from] ConfigError),
    /// There is no device, or it failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The text model cannot be used, or failed.
    #[error(transparent)]
    Text(#[from] TextError),
}

/// The result of a benchmark.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// `rq`, `encode`, `text`, `tokenize`, `train`, or `recommend` with the name of a part.
    pub stage: &'static str,
    /// Items in each run.
    pub items: usize,
    /// CPU threads.
    pub threads: usize,
    /// Name of the device; of a CPU with its instruction set.
    pub device: String,
    /// Speed.
    #[serde(flatten)]
    pub rates: Rates,
    /// Share of the checked items whose results equal the reference's. Ties are excepted; real numbers need only be close.
    pub agreement: f64,
    /// Number of items that were compared with the reference, evenly spaced over all.
    pub checked: usize,
    /// Further measurements of the stage.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// Up to `count` indices, evenly spaced over `items`.
fn sample_indices(items: usize, count: usize) -> Vec<usize> {
    let count = count.min(items);
    (0..count).map(|i| i * items / count).collect()
}

/// The share of values that are true.
fn share(agrees: &[bool]) -> f64 {
    agrees.iter().filter(|a| **a).count() as f64 / agrees.len().max(1) as f64
}
