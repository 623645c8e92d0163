//! Finds the text model's folder, and loads the model for a device.

use std::path::{Path, PathBuf};

use super::drivers::without_noise;
use crate::compute::Device;
use crate::text::{AnyTextEncoder, DEFAULT_MODEL, TextFiles, model_folder};

/// Loads the text model from `given`, else `$UNITOK_TEXT_MODEL`, else the cache that `cargo xtask text-model` fills.
///
/// # Errors
/// The folder holds no usable text model, which the message names; or the requested GPU cannot run it.
pub fn load(given: Option<&Path>, device: Device) -> anyhow::Result<AnyTextEncoder> {
    let files = TextFiles::read(&model_folder(given)?)?;
    Ok(without_noise(|| pollster::block_on(AnyTextEncoder::select(&files, device, false)))?)
}

/// The files that [`load`] reads.
pub fn files(given: Option<&Path>) -> Vec<PathBuf> {
    let names = ["config.json", "tokenizer.json", "model.safetensors"];
    model_folder(given).map_or_else(|_| Vec::new(), |folder| names.map(|name| folder.join(name)).into())
}

/// How messages and files name the model that [`load`] reads: by its folder.
pub fn name(given: Option<&Path>) -> String {
    let folder = model_folder(given).ok().and_then(|folder| folder.canonicalize().ok());
    folder.and_then(|f| Some(f.file_name()?.to_str()?.to_owned())).unwrap_or_else(|| DEFAULT_MODEL.into())
}
