//! The edits that were typed, done on the index in memory.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, ensure};
use clap::ArgMatches;

use super::args::Args;
use super::latents;
use crate::cli::index_file::{Locked, id_lines};
use crate::tokens::edit::{Edit, Editor, Operation, State};
use crate::tokens::lock::{Artefact, Difference, Lock};
use crate::tokens::{Policy, Schema, published};

/// Makes the operation of an item.
type OfItem = fn(String) -> Operation;

/// The operations in the order in which they were typed.
pub fn typed(given: &ArgMatches) -> Vec<Operation> {
    let of = |name: &str| -> Vec<(usize, String)> {
        let values = given.get_many::<String>(name).into_iter().flatten().cloned();
        given.indices_of(name).into_iter().flatten().zip(values).collect()
    };
    let single: [(&str, OfItem); 5] = [
        ("pin", |item| Operation::Pin { item }),
        ("unpin", |item| Operation::Unpin { item }),
        ("reassign", |item| Operation::Reassign { item }),
        ("split", |item| Operation::Split { item }),
        ("remove", |item| Operation::Remove { items: vec![item] }),
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

/// The operations with the ids that `--remove` names in files, those that follow each other as one.
///
/// # Errors
/// What `--remove` names is neither an item nor a file.
pub fn with_files(operations: Vec<Operation>, state: &State) -> anyhow::Result<Vec<Operation>> {
    let mut all: Vec<Operation> = Vec::new();
    for operation in operations {
        let Operation::Remove { items: named } = &operation else {
            all.push(operation);
            continue;
        };
        let mut listed = Vec::new();
        for named in named {
            if state.item(named).is_ok() {
                listed.push(named.clone());
            } else {
                listed.extend(listed_in(named, state)?);
            }
        }
        match all.last_mut() {
            Some(Operation::Remove { items }) => items.extend(listed),
            _ => all.push(Operation::Remove { items: listed }),
        }
    }
    // An item may be named twice, by itself and in a file.
    for operation in &mut all {
        let Operation::Remove { items } = operation else { continue };
        let mut seen = HashSet::new();
        items.retain(|item| seen.insert(item.clone()));
    }
    Ok(all)
}

/// The ids in a file, one a line.
fn listed_in(path: &str, state: &State) -> anyhow::Result<Vec<String>> {
    let file = Path::new(path);
    ensure!(file.exists(), "--remove {path}: the index has no such item, and there is no such file");
    let ids = id_lines(file).context("--remove")?;
    ensure!(!ids.is_empty(), "--remove {path}: the file has no ids, which are one a line");
    let known = ids.iter().try_for_each(|(line, id)| state.item(id).map(|_| ()).with_context(|| format!("{path}, line {line}")));
    known.context("--remove")?;
    Ok(ids.into_iter().map(|(_, id)| id).collect())
}

/// Does the operations. Returns the index afterwards, and what was done.
pub fn run(args: &Args, locked: &Locked, operations: Vec<Operation>, mut state: State) -> anyhow::Result<(State, Vec<Edit>)> {
    let lock = lock_of(locked)?;
    if !operations.iter().any(Operation::moves) {
        let mut edits = Vec::new();
        for operation in operations {
            let edit = state.priced(operation)?;
            state.apply(&edit)?;
            edits.push(edit);
        }
        return Ok((state, edits));
    }
    let loaded = args.model.load()?;
    let model = Artefact { name: loaded.name(), sha256: loaded.model.digest() };
    if model.sha256 != lock.making.tokenizer.sha256 {
        let (before, after) = (lock.making.tokenizer.described(), model.described());
        let difference = Difference { artefact: "tokenizer", before, after };
        return Err(locked.differs("this run", difference, "give that tokenizer with --model").into());
    }
    ensure!(
        lock.making.policy != Policy::Suffix,
        "{} gives every item a token of its own at the end (--collisions suffix): there is nothing to split or to merge, and no other token to reassign",
        locked.name
    );
    let schema = Schema::new(&loaded.model.config.model, lock.making.layout, lock.making.code_vocabulary)?;
    let codewords = published(&locked.index, &schema, false)?;
    let mut editor = Editor::new(&loaded.model, &schema, state, codewords, args.reuse);
    let needed = editor.needed(&operations)?;
    if !needed.is_empty() {
        let (ids, batch) = latents::read(args, locked, lock, &loaded.model, &needed)?;
        editor = editor.with_latents(ids.iter(), batch);
    }
    let edits = operations.into_iter().map(|operation| editor.apply(operation)).collect::<Result<Vec<_>, _>>()?;
    Ok((editor.finish(), edits))
}

/// The lockfile that editing needs: it says of what the tokens are made.
fn lock_of(locked: &Locked) -> anyhow::Result<&Lock> {
    locked.lock.as_ref().with_context(|| {
        format!("{} has no lockfile, so nobody knows its layout: `unitok tokenize --append` writes one", locked.name)
    })
}
