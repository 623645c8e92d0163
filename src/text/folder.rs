//! Where a text model lies on this machine.

use std::path::{Path, PathBuf};

use super::TextError;

/// Environment variable that names the folder of the text model.
const VARIABLE: &str = "UNITOK_TEXT_MODEL";
/// Name of the default text model.
pub const DEFAULT_MODEL: &str = "all-MiniLM-L6-v2";

/// The folder `given`, else `$UNITOK_TEXT_MODEL`, else the cache that `cargo xtask text-model` fills; it need not exist.
///
/// # Errors
/// [`TextError::NoHome`]
pub fn model_folder(given: Option<&Path>) -> Result<PathBuf, TextError> {
    if let Some(folder) = given {
        return Ok(folder.into());
    }
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set(VARIABLE) {
        return Ok(folder);
    }
    let home = || set("HOME").or_else(|| set("USERPROFILE"));
    let cache = set("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")));
    Ok(cache.ok_or(TextError::NoHome(VARIABLE))?.join("unitok").join(DEFAULT_MODEL))
}
