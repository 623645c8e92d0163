//! What can be asked of `unitok tokenize`, and what of it makes no sense.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use crate::cli::items::ItemArgs;
use crate::cli::model_arg::ModelArg;
use crate::compute::Device;
use crate::engine::AnyEngine;
use crate::engine::cpu::CpuEngine;
use crate::model::Model;
use crate::tokens::{CodeVocabulary, Layout, Policy};

/// Arguments.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("input").required(true).args(["items", "embeddings"]))]
pub struct Args {
    #[command(flatten)]
    pub(super) model: ModelArg,
    #[command(flatten)]
    pub(super) catalogue: ItemArgs,
    /// Vectors instead of items: a .npy, .safetensors or .parquet file, as `unitok embed` writes them
    #[arg(long, value_name = "FILE")]
    pub(super) embeddings: Option<PathBuf>,
    /// Where the index goes: {"item id": ["<a_12>", …]}, or a table of item_id, tokens and codes if it ends in .parquet
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Where to run, the text model too: auto (a hardware GPU if there is one), cpu or gpu
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub(super) device: Device,
    /// Chains of codes followed side by side: more than 1 finds tokens with less error, on the CPU
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(super) beam: u16,
    /// What becomes of items with the same codeword: keep, suffix, sinkhorn or assign
    #[arg(long, value_name = "POLICY", default_value_t)]
    pub(super) collisions: Policy,
    /// Order of a codeword: expert-last, expert-first or with-shared
    #[arg(long, value_name = "LAYOUT", default_value_t)]
    pub(super) layout: Layout,
    /// Code tokens of two experts: shared or per-expert
    #[arg(long, value_name = "KIND", default_value_t)]
    pub(super) code_vocabulary: CodeVocabulary,
    /// Also write codes, experts, gates, residual norms and margins of each item, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub(super) details: Option<PathBuf>,
    /// Also write the index as CSV (formulas escaped)
    #[arg(long, value_name = "FILE")]
    pub(super) csv: Option<PathBuf>,
    /// Also write every token with a number, for a language model's tokenizer
    #[arg(long, value_name = "FILE")]
    pub(super) added_tokens: Option<PathBuf>,
    /// Number of the first added token: the size of the language model's vocabulary
    #[arg(long, value_name = "NUMBER", default_value_t = 0, requires = "added_tokens")]
    pub(super) first_token: u64,
    /// Folder of the text model (config.json, tokenizer.json, model.safetensors)
    #[arg(long, value_name = "DIR")]
    pub(super) text_model: Option<PathBuf>,
    /// Only errors on stderr
    #[arg(long)]
    pub(super) quiet: bool,
    /// Print the summary as JSON on stdout
    #[arg(long)]
    pub(super) json: bool,
}

impl Args {
    /// Folders that are not there are better known now than after an hour of work.
    pub(super) fn check_outputs(&self) -> anyhow::Result<()> {
        let outputs = [Some(&self.out), self.details.as_ref(), self.csv.as_ref(), self.added_tokens.as_ref()];
        let outputs: Vec<&PathBuf> = outputs.into_iter().flatten().collect();
        for (i, path) in outputs.iter().enumerate() {
            let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
            ensure!(folder.is_dir(), "cannot write {}: there is no folder {}", path.display(), folder.display());
            ensure!(!path.is_dir(), "cannot write {}: it is a folder", path.display());
            ensure!(!outputs[..i].contains(path), "two outputs have the same name: {}", path.display());
        }
        Ok(())
    }

    pub(super) fn engine(&self, model: &Model) -> anyhow::Result<AnyEngine> {
        if self.beam == 1 {
            return Ok(pollster::block_on(AnyEngine::select(model, self.device, false))?);
        }
        ensure!(self.device != Device::Gpu, "--beam {} runs on the CPU: leave out --device gpu", self.beam);
        let engine = CpuEngine::with_beam(model, self.beam.into())?.with_reason("beam search runs on the CPU");
        Ok(AnyEngine::Cpu(Box::new(engine)))
    }

    pub(super) fn say(&self, text: &str) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }
}
