//! The lockfile that `unitok tokenize` writes beside an index.

use anyhow::Context;

use super::args::Args;
use super::input::Input;
use super::output::Finished;
use crate::cli::index_file::{artefact, text_model};
use crate::cli::model_arg::Loaded;
use crate::tokens::Schema;
use crate::tokens::lock::{Artefact, Fingerprints, Lock, Making, sum};

/// What the tokens of this run are made of.
///
/// # Errors
/// The file of interactions cannot be read.
pub fn making(args: &Args, loaded: &Loaded, input: &Input<'_>) -> anyhow::Result<Making> {
    let folder = loaded.folder.as_ref().map(|folder| folder.canonicalize().unwrap_or_else(|_| folder.clone()));
    let name = folder.as_ref().and_then(|folder| folder.file_name()).map(|name| name.to_string_lossy().into_owned());
    let interactions = args.interactions.as_deref().map(artefact).transpose().context("--interactions")?;
    Ok(Making {
        tokenizer: Artefact { name: name.unwrap_or_else(|| loaded.name()), sha256: loaded.model.digest() },
        text_model: input.made_by.as_ref().and_then(text_model),
        template: input.made_by.as_ref().map(|made_by| made_by.template.clone()),
        layout: args.layout,
        code_vocabulary: args.code_vocabulary,
        policy: args.collisions,
        beam: args.beam,
        interactions,
        reads: input.reads(),
    })
}

/// The lockfile of a finished index, without pinned items and retired codewords.
pub fn lock(done: &Finished, schema: &Schema, making: Making, fingerprints: Vec<u32>) -> Lock {
    let sum = sum(done.ids.iter().enumerate().map(|(item, id)| (id, done.codewords.tokens(item))));
    Lock::new(sum, schema, making, done.ids.iter(), Fingerprints(fingerprints))
}
