//! Where the text encoder lies on disk, and the device that it runs on.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::compute::Device;
use crate::text::{AnyTextEncoder, TextFiles};

/// Environment variable that names the folder of the text model.
const VARIABLE: &str = "UNITOK_TEXT_MODEL";
/// Name of the default text model.
pub const DEFAULT: &str = "all-MiniLM-L6-v2";

/// Loads the text model from `given`, else `$UNITOK_TEXT_MODEL`, else the cache that `cargo xtask text-model` fills.
///
/// # Errors
/// Says which folder was looked at, and what to do; or why the GPU that was asked for cannot run it.
pub fn load(given: Option<&Path>, device: Device) -> anyhow::Result<AnyTextEncoder> {
    let files = TextFiles::read(&folder(given)?)?;
    Ok(pollster::block_on(AnyTextEncoder::select(&files, device, false))?)
}

/// The folder that [`load`] reads; it need not exist.
///
/// # Errors
/// Nothing was given and there is no home folder to search.
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
    let cache =
        cache.with_context(|| format!("no home folder to find the text model in: pass --text-model or set {VARIABLE}"))?;
    Ok(cache.join("unitok").join(DEFAULT))
}

/// Name of the model that [`load`] reads, for people: its folder's.
pub fn name(given: Option<&Path>) -> String {
    let folder = folder(given).ok().and_then(|folder| folder.canonicalize().ok());
    folder.and_then(|f| Some(f.file_name()?.to_str()?.to_owned())).unwrap_or_else(|| DEFAULT.into())
}
