//! The sentence encoder, on a GPU or the CPU.

use wasm_bindgen::prelude::*;

use super::device::obstacle;
use super::error::{js_error, js_text_error, to_object};
use crate::compute::Device;
use crate::text::{AnyTextEncoder, TextError, TextFiles};

/// A sentence encoder of the MiniLM class.
#[wasm_bindgen]
pub struct TextModel {
    encoder: AnyTextEncoder,
}

#[wasm_bindgen]
impl TextModel {
    /// Loads an encoder from the contents of its three files.
    ///
    /// `device` is `auto`, `gpu` or `cpu`; `auto` falls back to the CPU and says why in `engine()`.
    ///
    /// # Errors
    /// Damaged files, or another architecture; or the GPU was asked for and cannot run it.
    pub async fn load(
        config: Vec<u8>,
        tokenizer: Vec<u8>,
        weights: Vec<u8>,
        #[wasm_bindgen(unchecked_param_type = "Device")] device: String,
    ) -> Result<Self, JsValue> {
        let device: Device = device.parse().map_err(js_error)?;
        let encoder = open(&TextFiles { config, tokenizer, weights }, device).await;
        Ok(Self { encoder: encoder.map_err(js_text_error)? })
    }

    /// Which engine embeds.
    #[wasm_bindgen(unchecked_return_type = "DeviceInfo")]
    pub fn engine(&self) -> JsValue {
        to_object(&self.encoder.info())
    }

    /// Width of an embedding.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.encoder.width()
    }

    /// The pieces that a text is cut into, without the special ones; `##` marks a piece that continues a word.
    pub fn pieces(&self, text: &str) -> Vec<String> {
        self.encoder.tokenizer().pieces(text).into_iter().map(String::from).collect()
    }

    /// `[texts][width]` embeddings. Give the CPU a few texts at a time: it lets nothing else run until all are done.
    ///
    /// # Errors
    /// A lost device.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Vec<f32>, JsValue> {
        self.encoder.embed_async(&texts).await.map_err(js_text_error)
    }
}

/// The encoder on the device asked for.
async fn open(files: &TextFiles, device: Device) -> Result<AnyTextEncoder, TextError> {
    match obstacle(device) {
        // In a browser the CPU is faster than a software adapter.
        None => AnyTextEncoder::select(files, device, false).await,
        Some(missing) if device == Device::Auto => Ok(files.encoder()?.on_cpu(Some(missing.cause()))),
        Some(missing) => Err(missing.into()),
    }
}
