//! A model on an engine.

use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{Tokens, Vectors};
use crate::compute::{Device, DeviceError};
use crate::engine::{AnyEngine, Engine, EngineError, Prepared, Tokenized, Want};
use crate::inspect;
use crate::model::{Architecture, Config, Model, Template};
use crate::web::device::obstacle;
use crate::web::error::{js_device_error, js_engine_error, js_error, to_object};

/// What every run records: latents weigh distortion in the collision policies.
const WANT: Want = Want { latents: true, reconstruction: false, margins: true, residual_norms: true };

/// A trained tokenizer on a GPU or the CPU.
#[wasm_bindgen]
pub struct Tokenizer {
    model: Rc<Model>,
    engine: AnyEngine,
}

/// A tokenizer that waits for its weights: what the configuration decides is done while they arrive.
#[wasm_bindgen]
pub struct Opening {
    config: Config,
    engine: Prepared,
}

#[wasm_bindgen]
impl Opening {
    /// Prepares for a model with this `config.json`: opens the device and compiles the kernels.
    ///
    /// `device` is `auto`, `gpu` or `cpu`; `auto` falls back to the CPU and says why in `engine()`.
    ///
    /// # Errors
    /// Not the configuration of a model, or the GPU was asked for and cannot run it.
    pub async fn open(config: String, #[wasm_bindgen(unchecked_param_type = "Device")] device: String) -> Result<Self, JsValue> {
        let device: Device = device.parse().map_err(js_error)?;
        let config = Config::from_json(&config).map_err(js_error)?;
        let engine = prepare(&config.model, device).await.map_err(|e| js_device_error(&e))?;
        Ok(Self { config, engine })
    }

    /// Loads the contents of `model.safetensors`; without the decoder where `tokens_only`, from a file that lacks it.
    ///
    /// # Errors
    /// The weights do not fit, or the GPU was asked for and computes wrongly.
    pub async fn load(self, weights: Vec<u8>, tokens_only: Option<bool>) -> Result<Tokenizer, JsValue> {
        let read = if tokens_only.unwrap_or(false) { Model::without_decoder } else { Model::with_config };
        let model = Rc::new(read(self.config, &weights).map_err(js_error)?);
        drop(weights);
        let engine = self.engine.load(&model).await.map_err(|e| js_engine_error(&e))?;
        Ok(Tokenizer { model, engine })
    }
}

/// What the engine asked for needs before the weights.
async fn prepare(model: &Architecture, device: Device) -> Result<Prepared, DeviceError> {
    match obstacle(device) {
        // In a browser the CPU engine is faster than a software adapter.
        None => Prepared::open(model, device, false).await,
        Some(missing) if device == Device::Auto => Ok(Prepared::cpu_because(&missing)),
        Some(missing) => Err(missing),
    }
}

/// What a person wants to know of a model.
#[derive(Serialize, tsify::Tsify)]
#[serde(rename_all = "camelCase")]
struct ModelInfo<'a> {
    /// What it was trained on, an expert each.
    domains: &'a [String],
    /// Width of an embedding.
    input: usize,
    /// Levels of a chain.
    levels: usize,
    /// Codes a level.
    codes: usize,
    /// Routed experts.
    experts: usize,
    /// Experts that an item goes to.
    top_n: usize,
    /// Whether there is an expert for all items beside them.
    shared: bool,
    /// Number of trained values.
    parameters: usize,
    /// Text encoder that made the embeddings it was trained on.
    encoder: &'a str,
}

#[wasm_bindgen]
impl Tokenizer {
    /// Shapes, domains and origin of the model.
    #[wasm_bindgen(unchecked_return_type = "ModelInfo")]
    pub fn model(&self) -> JsValue {
        let config = &self.model.config;
        let a = &config.model;
        to_object(&ModelInfo {
            domains: &config.domains,
            input: a.input,
            levels: a.levels,
            codes: a.codes,
            experts: a.experts,
            top_n: a.top_n,
            shared: a.shared,
            parameters: a.parameters().total(),
            encoder: &config.text.encoder,
        })
    }

    /// Which engine runs.
    #[wasm_bindgen(unchecked_return_type = "DeviceInfo")]
    pub fn engine(&self) -> JsValue {
        to_object(&self.engine.info())
    }

    /// Width of an embedding that the model reads.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.model.config.model.input
    }

    /// The same model made worse on purpose, on the CPU: with the first `codes` codes of each level, and with every item
    /// sent to expert `only`, if one is named.
    ///
    /// # Errors
    /// No engine runs it.
    pub async fn weakened(&self, codes: usize, only: Option<usize>) -> Result<Tokenizer, JsValue> {
        Self::on_cpu(inspect::weakened(&self.model, codes, only)).await
    }

    /// The same model with its decoder, on the CPU, for a model that was loaded without it.
    ///
    /// # Errors
    /// The weights do not fit.
    #[wasm_bindgen(js_name = withDecoder)]
    pub async fn with_decoder(&self, weights: Vec<u8>) -> Result<Tokenizer, JsValue> {
        Self::on_cpu(self.model.with_decoder(&weights).map_err(js_error)?).await
    }

    /// No tokens yet, to append to.
    pub fn empty(&self) -> Tokens {
        Tokens::new(Tokenized::empty(&self.model.config.model, WANT))
    }

    /// Tokens of `count` vectors from `start` on; with `reconstruct` they are decoded too, for [`Tokens::measure`].
    ///
    /// # Errors
    /// Vectors of another width than the model's, values that are not finite, a lost device.
    pub async fn tokenize(
        &self,
        vectors: &Vectors,
        start: usize,
        count: usize,
        reconstruct: Option<bool>,
    ) -> Result<Tokens, JsValue> {
        let want = Want { reconstruction: reconstruct.unwrap_or(false), ..WANT };
        let run = self.engine.tokenize(self.rows(vectors, start, count)?, want).await;
        run.map(Tokens::new).map_err(|error| js_engine_error(&in_file(error, start)))
    }

    /// Does what `tokenize` does up to a stage (`encode`, `route` or `quantize`) and drops the results, to be
    /// timed: what a stage takes is the time until it less the time until the one before.
    ///
    /// # Errors
    /// An unknown stage; otherwise as in `tokenize`.
    #[wasm_bindgen(js_name = runUntil)]
    pub async fn run_until(
        &self,
        vectors: &Vectors,
        start: usize,
        count: usize,
        #[wasm_bindgen(unchecked_param_type = "Stage")] stage: String,
    ) -> Result<(), JsValue> {
        let run = self.engine.run_until(self.rows(vectors, start, count)?, stage.parse().map_err(js_error)?).await;
        run.map_err(|error| js_engine_error(&in_file(error, start)))
    }
}

impl Tokenizer {
    async fn on_cpu(model: Model) -> Result<Self, JsValue> {
        let model = Rc::new(model);
        let prepared = prepare(&model.config.model, Device::Cpu).await.map_err(|e| js_device_error(&e))?;
        let engine = prepared.load(&model).await.map_err(|e| js_engine_error(&e))?;
        Ok(Self { model, engine })
    }

    /// `count` vectors from `start` on, if the model can read them.
    fn rows<'v>(&self, vectors: &'v Vectors, start: usize, count: usize) -> Result<&'v [f32], JsValue> {
        let width = self.width();
        if vectors.width() != width {
            return Err(js_error(format!(
                "The embeddings are {} wide, this model reads {width} ({}). Embed with the model's own text encoder, or load the model that fits",
                vectors.width(),
                self.model.config.text.encoder,
            )));
        }
        Ok(vectors.slice(start, count))
    }

    pub(super) fn shared_model(&self) -> &Model {
        &self.model
    }

    pub(super) fn template(&self) -> &Template {
        &self.model.config.text.template
    }
}

/// A row of the chunk as a row of the file.
fn in_file(error: EngineError, start: usize) -> EngineError {
    match error {
        EngineError::Value { row, column, what } => EngineError::Value { row: row + start, column, what },
        other => other,
    }
}
