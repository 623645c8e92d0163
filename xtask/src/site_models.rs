//! The site's tokenizers in two files beside the whole one: what tokens need, which a first visit loads, and the decoder.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use unitok::model::{Model, Precision};

/// The file that other pages and the command line read.
pub const WHOLE: &str = "model.safetensors";
/// What measuring needs.
pub const DECODER: &str = "decoder.safetensors";

/// Adds the two files to every model in the folder.
pub fn split(models: &Path) -> Result<()> {
    for entry in fs::read_dir(models).with_context(|| format!("cannot read {}", models.display()))? {
        let folder = entry?.path();
        if folder.join(WHOLE).is_file() {
            let model = Model::load(&folder).with_context(|| folder.display().to_string())?;
            // Nothing may be lost: a model of halves is stored as halves.
            let exact = model.rounded(Precision::F16) == model;
            let parts = model.split(if exact { Precision::F16 } else { Precision::F32 });
            for (name, bytes) in ["without-decoder.safetensors", DECODER].iter().zip(parts) {
                fs::write(folder.join(name), bytes).with_context(|| format!("cannot write in {}", folder.display()))?;
            }
        }
    }
    Ok(())
}
