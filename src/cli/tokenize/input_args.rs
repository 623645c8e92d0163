//! The arguments that say which items are read, and by which text model.

use std::path::PathBuf;

use crate::cli::items::ItemArgs;
use crate::cli::output::say;
use crate::compute::Device;
use crate::vectors::{self, BadRows};

/// Items or their embeddings.
#[derive(Debug, Clone, clap::Args)]
pub struct InputArgs {
    #[command(flatten)]
    pub catalogue: ItemArgs,
    /// Embeddings instead of items: a .npy, .npz, .safetensors or .parquet file, a folder of .parquet parts, or - for a pipe of
    /// .npy. The ids of FILE.npy are read from FILE.npy.ids.txt, one a line; the others hold theirs, under a usual name or the
    /// one that --field id=NAME gives
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
    /// Name of the vectors in the file of --embeddings, where it has several: a column, a tensor or an array
    #[arg(long, value_name = "NAME")]
    pub array: Option<String>,
    /// Where to run the tokenizer and the text model: auto (a hardware GPU if there is one), cpu or gpu
    #[arg(long, value_name = "DEVICE", default_value_t)]
    pub device: Device,
    /// Folder of the text model (config.json, tokenizer.json, model.safetensors)
    #[arg(long, value_name = "DIR")]
    pub text_model: Option<PathBuf>,
    /// Print only errors on stderr
    #[arg(long)]
    pub quiet: bool,
}

impl InputArgs {
    /// How a file of embeddings of `width` is to be read.
    pub fn vectors(&self, width: usize) -> vectors::ReadOptions {
        let reading = &self.catalogue.reading;
        vectors::ReadOptions {
            width: Some(width),
            bad_rows: if reading.skip_bad { BadRows::Drop } else { BadRows::Stop },
            array: self.array.clone(),
            ids: reading.id_field().map(Into::into),
        }
    }

    /// Prints `text` on stderr, unless `--quiet` was given.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            say(text);
        }
    }
}
