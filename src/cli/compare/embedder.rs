//! The text encoder as a comparison wants it.

use std::path::Path;

use indicatif::ProgressBar;

use crate::cli::cached_encoder::CachedEncoder;
use crate::cli::output::{describe_engine, say};
use crate::cli::{progress, text_model};
use crate::compare::vectors::Embedder;
use crate::compute::Device;
use crate::model::{Template, TextConfig};

/// The text encoder with its name.
pub struct TextEmbedder {
    encoder: CachedEncoder,
    name: String,
    quiet: bool,
}

impl TextEmbedder {
    /// Loads it from its folder.
    pub fn load(folder: Option<&Path>, device: Device, quiet: bool) -> anyhow::Result<Self> {
        let encoder = text_model::load(folder, device)?;
        if !quiet {
            say(&format!("texts are embedded first; {}", describe_engine(&encoder.info())));
        }
        Ok(Self { encoder: CachedEncoder::new(encoder), name: text_model::name(folder), quiet })
    }

    /// A bar over the items of a catalogue.
    pub fn bar(&self, items: usize, name: &str) -> ProgressBar {
        let bar = progress::items(items as u64, "embedding", self.quiet);
        bar.set_message(format!("embedding {name}"));
        bar
    }
}

impl Embedder for TextEmbedder {
    fn embed(&mut self, texts: &[String]) -> Result<Vec<f32>, String> {
        self.encoder.embed(texts).map_err(|error| error.to_string())
    }

    fn width(&self) -> usize {
        self.encoder.encoder().width()
    }

    fn config(&self) -> TextConfig {
        TextConfig {
            encoder: self.name.clone(),
            encoder_sha256: self.encoder.encoder().digests().weights.clone(),
            template: Template::default(),
        }
    }
}
