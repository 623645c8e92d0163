//! The edits that were typed, done on the index in memory.

use std::collections::HashSet;

use anyhow::{Context, ensure};
use clap::ArgMatches;

use super::args::Args;
use super::latents;
use crate::cli::index_file::Locked;
use crate::tokens::edit::{Edit, Editor, Operation};
use crate::tokens::lock::{Artefact, Difference, Lock};
use crate::tokens::{Index, Policy, Schema, published};

/// Makes the operation of an item.
type OfItem = fn(String) -> Operation;

/// The operations in the order in which they were typed.
pub fn typed(given: &ArgMatches) -> Vec<Operation> {
    let of = |name: &str| -> Vec<(usize, String)> {
        let values = given.get_many::<String>(name).into_iter().flatten().cloned();
        given.indices_of(name).into_iter().flatten().zip(values).collect()
    };
    let single: [(&str, OfItem); 4] = [
        ("pin", |item| Operation::Pin { item }),
        ("unpin", |item| Operation::Unpin { item }),
        ("reassign", |item| Operation::Reassign { item }),
        ("split", |item| Operation::Split { item }),
    ];
    let mut operations: Vec<(usize, Operation)> = Vec::new();
    for (name, operation) in single {
        operations.extend(of(name).into_iter().map(|(place, item)| (place, operation(item))));
    }
    for [(place, first), (_, second)] in of("merge").as_chunks::<2>().0 {
        operations.push((*place, Operation::Merge { items: [first.clone(), second.clone()] }));
    }
    operations.sort_by_key(|operation| operation.0);
    operations.into_iter().map(|operation| operation.1).collect()
}

/// Does the operations. Returns the index with what was done, and leaves in `pinned` the items that are pinned then.
pub fn run(
    args: &Args,
    locked: &Locked,
    operations: Vec<Operation>,
    pinned: &mut HashSet<String>,
) -> anyhow::Result<(Index, Vec<Edit>)> {
    let lock = lock_of(locked)?;
    let loaded = args.model.load()?;
    let model = Artefact { name: loaded.name(), sha256: loaded.model.digest() };
    if model.sha256 != lock.making.tokenizer.sha256 {
        let (before, after) = (lock.making.tokenizer.described(), model.described());
        let difference = Difference { artefact: "tokenizer", before, after };
        return Err(locked.differs("this run", difference, "give that tokenizer with --model").into());
    }
    let moves = operations.iter().any(|operation| !matches!(operation, Operation::Pin { .. } | Operation::Unpin { .. }));
    ensure!(
        !moves || lock.making.policy != Policy::Suffix,
        "{} gives every item a token of its own at the end (--collisions suffix): there is nothing to split or to merge",
        locked.name
    );
    let schema = Schema::new(&loaded.model.config.model, lock.making.layout, lock.making.code_vocabulary)?;
    let codewords = published(&locked.index, &schema, lock.making.policy == Policy::Suffix)?;
    let mut editor = Editor::new(&loaded.model, &schema, &locked.index.ids, codewords, std::mem::take(pinned));
    let needed = editor.needed(&operations)?;
    if !needed.is_empty() {
        let (ids, batch) = latents::read(args, locked, lock, &loaded.model, &needed)?;
        editor = editor.with_latents(ids.iter(), batch);
    }
    let edits = operations.into_iter().map(|operation| editor.apply(operation)).collect::<Result<Vec<_>, _>>()?;
    pinned.clone_from(editor.pinned());
    let rows = locked.index.ids.iter().enumerate().map(|(item, id)| (id.clone(), editor.codewords().tokens(item)));
    Ok((Index::from_rows(rows)?, edits))
}

/// The lockfile that editing needs: it says of what the tokens are made.
fn lock_of(locked: &Locked) -> anyhow::Result<&Lock> {
    locked.lock.as_ref().with_context(|| {
        format!("{} has no lockfile, so nobody knows its layout: `unitok tokenize --append` writes one", locked.name)
    })
}
