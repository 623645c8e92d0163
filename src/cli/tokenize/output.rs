//! The output files of a run, each written completely or not at all.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Serialize;

use super::args::Args;
use crate::base::files::{Destination, Draft, write_atomic};
use crate::base::ids::IdList;
use crate::cli::interrupt;
use crate::cli::output::warn;
use crate::engine::Tokenized;
use crate::tables::is_named_parquet;
use crate::tokens::handover::{Earlier, HandoverError};
use crate::tokens::lock::{LEFT, Lock};
use crate::tokens::{Codewords, CollisionReport, CsvWriter, IndexWriter, numbered_tokens, write_index};

/// The result of a run.
pub struct Finished {
    pub ids: IdList,
    pub tokens: Tokenized,
    pub codewords: Codewords,
    pub collisions: CollisionReport,
}

/// One line of `--details`. Slots are the routed experts in the order of their gates, then the shared expert.
#[derive(Serialize)]
struct Details<'a> {
    id: &'a str,
    tokens: Vec<String>,
    experts: &'a [u32],
    gates: &'a [f32],
    /// `[slots][levels]`.
    codes: Vec<&'a [u32]>,
    /// `[slots][levels]`: norm of the residual after each level.
    residual_norms: Vec<&'a [f32]>,
    /// `[slots][levels]`; below zero where the collision policy took a code that is not the nearest.
    margins: Vec<&'a [f32]>,
    /// `‖x − x̂‖²` on inputs scaled to unit variance, with the codes that the engine chose before the collision policy.
    reconstruction_error: Option<f32>,
}

/// Writes all outputs that the arguments name. The index comes last, so that it exists only if the others do; its lockfile
/// has been written before, and is put in its place right after.
pub fn write(args: &Args, done: &Finished, lock: impl FnOnce() -> Lock) -> anyhow::Result<()> {
    if let Some(path) = &args.added_tokens {
        let tokens: Vec<String> = done.codewords.vocabulary().collect::<BTreeSet<_>>().into_iter().collect();
        if path.is_file() {
            check_numbers(args, path, &tokens)?;
        }
        write_file(path, |out| Ok(writeln!(out, "{}", numbered_tokens(tokens, args.first_token))?))?;
    }
    if let Some(path) = &args.details {
        write_file(path, |out| write_details(out, done))?;
    }
    if let Some(path) = &args.csv {
        write_file(path, |out| write_csv(out, done))?;
    }
    let draft = args.lock_path()?.map(|path| draft_of(&path, lock())).transpose()?;
    write_file(args.out(), |out| if is_named_parquet(args.out()) { write_parquet(out, done) } else { write_json(out, done) })?;
    draft.map_or(Ok(()), |draft| draft.commit_or_stay().context(LEFT))
}

/// Says that tokens get other numbers than in the file that is written over, and refuses it where published tokens stay.
fn check_numbers(args: &Args, path: &Path, tokens: &[String]) -> anyhow::Result<()> {
    // What is no such file is written over as any other output.
    let Ok(earlier) = Earlier::read(path) else { return Ok(()) };
    let Err(HandoverError::Moved { token, before, after, .. }) = earlier.check(tokens, args.first_token) else { return Ok(()) };
    let moved = format!(
        "--added-tokens {}: {token} has the number {before} there, and would get {after}: a decoder that learned it would take it for \
         another. `unitok export --after` keeps numbers, --first-token says which is the first",
        path.display()
    );
    ensure!(args.append.is_none(), "{moved}; or give another file");
    warn(&moved);
    Ok(())
}

/// The lockfile under another name.
fn draft_of(path: &Path, lock: Lock) -> anyhow::Result<Draft> {
    let mut draft = Draft::create(&Destination::resolve(path)?)?;
    draft.write_all(lock.to_json().as_bytes())?;
    draft.settle()?;
    Ok(draft)
}

/// Writes a file, unless the user presses Ctrl-C meanwhile.
fn write_file(path: &Path, write: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>) -> anyhow::Result<()> {
    write_atomic(path, |out| {
        write(out)?;
        ensure!(!interrupt::requested(), "stopped; {} was not written", path.display());
        Ok(())
    })
}

/// Number and id of each item, until the user presses Ctrl-C.
fn items(done: &Finished) -> impl Iterator<Item = (usize, &str)> {
    done.ids.iter().enumerate().take_while(|_| !interrupt::requested())
}

fn write_parquet(out: &mut (dyn Write + Send), done: &Finished) -> anyhow::Result<()> {
    write_index(out, items(done).map(|(item, id)| (id, done.codewords.tokens(item), done.codewords.row(item))))?;
    Ok(())
}

fn write_json(out: &mut dyn Write, done: &Finished) -> anyhow::Result<()> {
    let mut index = IndexWriter::new(out)?;
    for (item, id) in items(done) {
        index.push(id, &done.codewords.tokens(item))?;
    }
    index.finish()?;
    Ok(())
}

fn write_csv(out: &mut dyn Write, done: &Finished) -> anyhow::Result<()> {
    let mut table = CsvWriter::new(out, done.codewords.width())?;
    for (item, id) in items(done) {
        table.push(id, &done.codewords.tokens(item))?;
    }
    table.finish()?;
    Ok(())
}

fn write_details(out: &mut dyn Write, done: &Finished) -> anyhow::Result<()> {
    for (item, id) in items(done) {
        serde_json::to_writer(&mut *out, &details(done, item, id))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn details<'a>(done: &'a Finished, item: usize, id: &'a str) -> Details<'a> {
    let t = &done.tokens;
    let choices = t.slots * t.levels;
    let per_slot = |values: &'a [f32]| values[item * choices..(item + 1) * choices].chunks_exact(t.levels).collect();
    Details {
        id,
        tokens: done.codewords.tokens(item),
        experts: t.experts_of(item),
        gates: &t.gates[item * t.top_n..(item + 1) * t.top_n],
        codes: (0..t.slots).map(|slot| t.codes_of(item, slot)).collect(),
        residual_norms: per_slot(&t.residual_norms),
        margins: per_slot(&t.margins),
        reconstruction_error: t.reconstruction.as_ref().map(|r| r[item]),
    }
}
