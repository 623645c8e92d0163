//! Codes and latents of the items that may move.

use std::collections::{HashMap, HashSet};

use anyhow::ensure;

use super::args::Args;
use crate::base::ids::IdList;
use crate::cli::index_file::{Locked, name};
use crate::cli::interrupt;
use crate::cli::tokenize::{Batch, Gathered, Input, Unembedded, stages};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Tokenized, Want};
use crate::model::Model;
use crate::tokens::lock::{Difference, Lock, LockError, UNKNOWN};

/// Reads the input, and encodes the items `needed` of it.
///
/// # Errors
/// There is no input, or it is not what the index was made from.
pub fn read(
    args: &Args,
    locked: &Locked,
    lock: &Lock,
    model: &Model,
    needed: &HashSet<String>,
) -> anyhow::Result<(IdList, Tokenized)> {
    let paths = || args.input.catalogue.items.iter().chain(&args.input.embeddings);
    let other = paths().map(|path| name(path)).collect::<Vec<_>>().join(", ");
    ensure!(
        paths().next().is_some(),
        "what an edit costs is measured on the items: give --items or --embeddings, what the index was made from"
    );
    let mut input = Input::open(&args.input, model)?;
    locked.check_text(&other, input.made_by.as_ref(), "give what the index was made from")?;
    if input.reads() != lock.making.reads {
        let (before, after) = (lock.making.reads.to_string(), input.reads().to_string());
        let advice = "give what the index was made from: --items for texts, --embeddings for vectors";
        return Err(locked.differs(&other, Difference { artefact: "kind of input", before, after }, advice).into());
    }
    let known: HashMap<&str, u32> =
        locked.index.ids.iter().map(String::as_str).zip(lock.fingerprints.0.iter().copied()).collect();
    let mut changed = Vec::new();
    let select = |batch: &mut Unembedded| {
        batch.retain(|id, fingerprint| {
            if needed.contains(id) && known.get(id).is_some_and(|&known| known != UNKNOWN && known != fingerprint) {
                changed.push(id.to_owned());
            }
            needed.contains(id)
        });
    };
    interrupt::listen();
    let engine = CpuEngine::new(model);
    let want = Want { latents: true, ..Want::default() };
    let (mut ids, mut gathered) = (IdList::default(), Gathered::new(Tokenized::empty(&model.config.model, want)));
    stages::run(&mut input.source, input.encoder.as_deref_mut(), select, |batch: Batch| {
        gathered.add(batch.embeddings, |rows| engine.run(rows, want))?;
        batch.ids.iter().for_each(|id| ids.push(id));
        ensure!(!interrupt::requested(), "stopped; nothing was written");
        Ok(())
    })?;
    if let Some(first) = changed.first().cloned() {
        let (index, what) = (locked.name.clone(), if args.input.embeddings.is_some() { "vector" } else { "text" });
        let (changed, items) = (changed.len(), needed.len());
        return Err(LockError::Items { index, other, what, changed, items, first }.into());
    }
    Ok((ids, gathered.tokens))
}
