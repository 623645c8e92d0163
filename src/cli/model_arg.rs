//! The argument that names the tokenizer, and where a command finds it.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::model::{Model, built_in};

/// Folder of the default model, below the current folder or the program's.
const DEFAULT: &str = "www/models/default";

/// The model argument.
#[derive(Debug, Clone, clap::Args)]
pub struct ModelArg {
    /// Folder of the tokenizer (config.json, model.safetensors) [default: www/models/default if it exists, otherwise the
    /// built-in model]
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
}

/// A model, and the folder it was read from.
pub struct Loaded {
    /// The model.
    pub model: Model,
    /// Its folder; none for the built-in model.
    pub folder: Option<PathBuf>,
}

impl Loaded {
    /// Reads a model folder.
    ///
    /// # Errors
    /// The folder has no valid model.
    pub fn from_folder(folder: &Path) -> anyhow::Result<Self> {
        let model = Model::load(folder).with_context(|| format!("cannot use the model in {}", folder.display()))?;
        Ok(Self { model, folder: Some(folder.into()) })
    }

    /// `metrics.json`, what was measured after training; none if the folder lacks it.
    pub fn metrics(&self) -> Option<serde_json::Value> {
        let json = match &self.folder {
            Some(folder) => std::fs::read_to_string(folder.join("metrics.json")).ok()?.into(),
            None => std::borrow::Cow::Borrowed(built_in::METRICS),
        };
        serde_json::from_str(&json).ok()
    }

    /// How messages name the model.
    pub fn name(&self) -> String {
        self.folder.as_ref().map_or_else(|| "the built-in model".into(), |folder| folder.display().to_string())
    }
}

impl ModelArg {
    /// The model that `--model` names. Otherwise the default model: below the current folder, beside the program, or built in.
    ///
    /// # Errors
    /// The folder has no valid model.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        if let Some(folder) = self.folder() {
            return Loaded::from_folder(&folder);
        }
        let model = built_in::model().context("the built-in model is damaged")?;
        Ok(Loaded { model, folder: None })
    }

    /// The files that [`load`](Self::load) reads.
    pub fn files(&self) -> Vec<PathBuf> {
        self.folder().map_or_else(Vec::new, |folder| ["config.json", "model.safetensors"].map(|name| folder.join(name)).into())
    }

    /// The folder of the model; none for the built-in one.
    fn folder(&self) -> Option<PathBuf> {
        let beside = || Some(std::env::current_exe().ok()?.parent()?.join(DEFAULT));
        let default = || [Some(PathBuf::from(DEFAULT)), beside()].into_iter().flatten();
        self.model.clone().or_else(|| default().find(|folder| folder.join("config.json").is_file()))
    }
}
