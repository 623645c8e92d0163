//! Codes and latents of the items that may move.

use std::collections::HashSet;

use anyhow::ensure;

use super::args::Args;
use super::unchanged::Unchanged;
use crate::base::ids::IdList;
use crate::cli::index_file::{Locked, shown};
use crate::cli::interrupt;
use crate::cli::tokenize::{Batch, Gathered, Input, Unembedded, stages};
use crate::engine::cpu::CpuEngine;
use crate::engine::{Tokenized, Want};
use crate::model::Model;
use crate::tokens::lock::{Difference, INPUT, Lock};

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
    let other = paths().map(|path| shown(path)).collect::<Vec<_>>().join(", ");
    ensure!(
        paths().next().is_some(),
        "what an edit costs is measured on the items: give --items or --embeddings, what the index was made from"
    );
    let mut input = Input::open(&args.input, model)?;
    locked.check_text(&other, input.made_by.as_ref(), "give what the index was made from")?;
    if input.reads() != lock.making.reads {
        let (before, after) = (lock.making.reads.to_string(), input.reads().to_string());
        let advice = "give what the index was made from: --items for texts, --embeddings for vectors";
        return Err(locked.differs(&other, Difference { artefact: INPUT, before, after }, advice).into());
    }
    let mut check = Unchanged::new(locked, input.reads());
    let select = |batch: &mut Unembedded| {
        batch.retain(|id, fingerprint| {
            if needed.contains(id) {
                check.see(id, fingerprint);
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
    check.finish(&other, if args.input.embeddings.is_some() { "vector" } else { "text" }, needed.len())?;
    Ok((ids, gathered.tokens))
}
