//! Finds the text model's folder, and loads the model for a device.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::drivers::without_noise;
use crate::compute::Device;
use crate::text::{AnyTextEncoder, TextFiles};

/// Environment variable that names the folder of the text model.
const VARIABLE: &str = "UNITOK_TEXT_MODEL";
/// Name of the default text model.
pub const DEFAULT: &str = "all-MiniLM-L6-v2";

/// Loads the text model from `given`, else `$UNITOK_TEXT_MODEL`, else the cache that `cargo xtask text-model` fills.
///
/// # Errors
/// The folder holds no usable text model, which the message names; or the requested GPU cannot run it.
pub fn load(given: Option<&Path>, device: Device) -> anyhow::Result<AnyTextEncoder> {
    let files = TextFiles::read(&folder(given)?)?;
    Ok(without_noise(|| pollster::block_on(AnyTextEncoder::select(&files, device, false)))?)
}

/// The folder that [`load`] reads; it need not exist.
///
/// # Errors
/// No folder was given, and there is no home folder to search.
pub fn folder(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder.into());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set(VARIABLE) {
        return Ok(folder);
    }
    let home = || set("HOME").or_else(|| set("USERPROFILE"));
    let cache = set("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")));
    let cache = cache.with_context(|| {
        format!("cannot look for the text model, because there is no home folder: pass --text-model or set {VARIABLE}")
    })?;
    Ok(cache.join("unitok").join(DEFAULT))
}

/// The files that [`load`] reads.
pub fn files(given: Option<&Path>) -> Vec<PathBuf> {
    let names = ["config.json", "tokenizer.json", "model.safetensors"];
    folder(given).map_or_else(|_| Vec::new(), |folder| names.map(|name| folder.join(name)).into())
}

/// How messages and files name the model that [`load`] reads: by its folder.
pub fn name(given: Option<&Path>) -> String {
    let folder = folder(given).ok().and_then(|folder| folder.canonicalize().ok());
    folder.and_then(|f| Some(f.file_name()?.to_str()?.to_owned())).unwrap_or_else(|| DEFAULT.into())
}
