//! `unitok train --extend`: a model with experts for new domains, under which old indexes stay.

use std::path::Path;

use anyhow::{Context, anyhow, ensure};

use super::model_arg::Loaded;
use super::output::{Outcome, print, say};
use crate::train::TrainError;
use crate::train::extend::{described, extend_folder};
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::session::{Data, Options, Watcher};

/// Extends the model in `folder` by the domains of `data` that it was not trained on.
///
/// # Errors
/// The folder has no model, or the data are not of its text model; or as [`extend_folder`], whose errors `named` gives the file.
pub fn run(
    folder: &Path,
    data: &Data,
    options: &Options,
    (json, quiet): (bool, bool),
    watcher: &mut Watcher<'_>,
    named: impl FnOnce(TrainError) -> anyhow::Error,
) -> anyhow::Result<Outcome> {
    let loaded = Loaded::from_folder(folder)?;
    let settings = folder.join("train.toml");
    let text = if settings.is_file() {
        std::fs::read_to_string(&settings).with_context(|| format!("cannot read {}", settings.display()))?
    } else {
        String::new()
    };
    let config = TrainConfig::from_toml(&text, &[]).with_context(|| settings.display().to_string())?;
    let (width, trained) = (loaded.model.config.model.input, &loaded.model.config.text);
    ensure!(
        data.width == width,
        "{} reads vectors {width} wide, these are {} wide: embed with its text model",
        loaded.name(),
        data.width
    );
    let known = !trained.encoder_sha256.is_empty() && !data.text.encoder_sha256.is_empty();
    ensure!(
        !known || *trained == data.text,
        "{} was trained with the text model {} and a template of its own, these vectors are from another ({}): embed with the same",
        loaded.name(),
        trained.encoder,
        data.text.encoder
    );
    let is_new = !options.out.exists();
    let extensions = extend_folder(&loaded.model, &config, data, options, watcher).map_err(|error| {
        if is_new {
            // It stays if something is in it.
            let _ = std::fs::remove_dir(&options.out);
        }
        advised(error, &settings).unwrap_or_else(named)
    })?;
    if json {
        print(&serde_json::to_string(&serde_json::json!({ "out": options.out, "extensions": extensions }))?)?;
    } else if !quiet {
        say(described(&extensions).trim());
        say(&format!("wrote {}", options.out.display()));
    }
    Ok(Outcome::Done)
}

/// The error with advice that holds for an extension, whose settings are those of the model's own run and which is never
/// resumed; `error` itself where that makes no difference.
fn advised(error: TrainError, settings: &Path) -> Result<anyhow::Error, TrainError> {
    match error {
        TrainError::Diverged { step, what, .. } => Ok(anyhow!(
            "step {step}: {what} is not finite any more. Look for extreme values in the data, or lower recipe.learning_rate in {}",
            settings.display()
        )),
        TrainError::Precision { tensor } => {
            Ok(anyhow!("{tensor} has values beyond the range of 16-bit floats: pass --precision f32"))
        }
        error => Err(error),
    }
}
