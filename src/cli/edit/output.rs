//! What an edit leaves: index, lockfile and log; and what it prints.

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::args::Args;
use crate::audit::Table;
use crate::base::files::{Destination, Draft, Identity};
use crate::base::words::{counted, verb};
use crate::cli::index_file::Locked;
use crate::cli::output::{print as print_line, warn};
use crate::tables::is_stdin;
use crate::tokens::Index;
use crate::tokens::edit::{Edit, Operation, Removed, Stamp, State, lines};
use crate::tokens::lock::{Drafts, Lock, Owners, Replaced, Retired, read_place};

/// Removed items of an edit that are shown; `--json` has all.
const SHOWN: usize = 20;

/// Writes what the edits made of the index that was at `from`, if they are to be written, and prints what they cost. `earlier` is
/// the log that they continue.
pub fn write_and_print(
    args: &Args,
    locked: &Locked,
    (earlier, from): (String, Stamp),
    state: State,
    edits: &[Edit],
) -> anyhow::Result<()> {
    let codewords = |retired: &[Retired]| Owners::new(retired).codewords() as i64;
    let before = locked.lock.as_ref().map_or(0, |lock| codewords(&lock.retired));
    let (items, retired) = (from.items, codewords(state.retired()) - before);
    if let Some(out) = &args.out {
        let log = args.log.as_ref().map(|path| draft(path, (earlier + &lines(from, state.stamp(), edits)).as_bytes()));
        write((&args.index, out), log.transpose()?, locked, (state, edits))?;
    }
    print(args, &locked.name, edits, (items, retired))
}

/// Writes all under other names, then puts them in their places: the index first. A later run finds lockfile and log where they
/// were left, and knows by the index whether they count.
fn write(
    (from, out): (&Path, &Path),
    log: Option<Draft>,
    locked: &Locked,
    (state, edits): (State, &[Edit]),
) -> anyhow::Result<()> {
    let (index, mut lock) = state.finish(locked.lock.clone());
    if Identity::of(from) != Identity::of(out) {
        replace(out, &index, lock.as_mut(), edits)?;
    }
    Ok(Drafts::new(out, &index, lock.as_ref())?.commit(log)?)
}

/// Warns where another index than the one that is edited is written over, and keeps what its lockfile keeps, but for the pins that
/// the edits took away.
///
/// # Errors
/// It cannot be kept.
fn replace(out: &Path, index: &Index, lock: Option<&mut Lock>, edits: &[Edit]) -> anyhow::Result<()> {
    let there = read_place(out, false).with_context(|| format!("{} is to be written over", out.display()))?;
    let Some(there) = there else { return Ok(()) };
    let replaced = Replaced::new(there, lock.as_ref().map(|lock| &lock.making), |_| false);
    let unpinned = |id: &str| edits.iter().any(|edit| matches!(&edit.operation, Operation::Unpin { item } if item == id));
    let changes = replaced.carry_over(index, lock, |id| !unpinned(id));
    replaced.warnings(&changes).iter().for_each(|line| warn(line));
    Ok(())
}

fn draft(path: &Path, content: &[u8]) -> anyhow::Result<Draft> {
    let mut draft = Draft::create(&Destination::resolve(path)?)?;
    draft.write_all(content)?;
    draft.settle()?;
    Ok(draft)
}

/// Prints what the edits moved and cost, unless the index goes to stdout.
fn print(args: &Args, index: &str, edits: &[Edit], (items, retired): (usize, i64)) -> anyhow::Result<()> {
    let moved: usize = edits.iter().map(|edit| edit.moved.len()).sum();
    let removed: usize = edits.iter().map(|edit| edit.removed.len()).sum();
    let added = edits.iter().fold(0.0, |sum, edit| sum + edit.added_distortion);
    if args.json {
        let out = args.out.as_ref().map(|out| out.to_string_lossy());
        let all = json!({ "edits": edits, "items_moved": moved, "items_removed": removed, "codewords_retired": retired,
            "added_distortion": added, "out": out });
        return print_line(&serde_json::to_string_pretty(&all)?);
    }
    if args.out.as_deref().is_some_and(is_stdin) {
        return Ok(());
    }
    let mut rows = Vec::new();
    for edit in edits {
        let (moved, added) = (edit.moved.len().to_string(), format!("{:+.4}", edit.added_distortion));
        rows.push(vec![named(&edit.operation), moved, String::new(), added, edit.sharing.to_string()]);
        for Removed { id, before } in edit.removed.iter().take(SHOWN) {
            rows.push(vec![format!("  {id}"), format!("{} →", before.concat()), String::new(), String::new(), String::new()]);
        }
        if edit.removed.len() > SHOWN {
            let more = format!("  … and {} more (--json has all)", edit.removed.len() - SHOWN);
            rows.push([more, String::new(), String::new(), String::new(), String::new()].into());
        }
        for item in &edit.moved {
            let tokens = format!("{} → {}", item.before.concat(), item.after.concat());
            let cost = format!("{:.4} → {:.4}", item.distortion_before, item.distortion_after);
            rows.push(vec![format!("  {}", item.id), tokens, cost, String::new(), String::new()]);
        }
    }
    let done = match &args.out {
        Some(out) => format!("written to {}", out.display()),
        None => "nothing is written without --out".into(),
    };
    let mut title = format!(
        "{index}: {} {} {} and {} {added:.4} distortion; ",
        counted(edits.len(), "edit"),
        verb(edits.len(), "moves", "move"),
        counted(moved, "item"),
        verb(edits.len(), "adds", "add")
    );
    if removed > 0 {
        title += &format!("{removed} of {} {}; ", counted(items, "item"), verb(removed, "leaves", "leave"));
    }
    if retired > 0 {
        title += &format!("{} {}; ", counted(retired, "codeword"), verb(retired, "retires", "retire"));
    }
    title += &done;
    print_line(
        Table::new(title, &["edit", "items moved", "distortion", "added", "share afterwards"], rows).to_string().trim_end(),
    )
}

fn named(operation: &Operation) -> String {
    match operation {
        Operation::Pin { item } => format!("pin {item}"),
        Operation::Unpin { item } => format!("unpin {item}"),
        Operation::Reassign { item } => format!("reassign {item}"),
        Operation::Split { item } => format!("split {item}"),
        Operation::Merge { items: [first, second] } => format!("merge {first} {second}"),
        Operation::Remove { items } => format!("remove {}", counted(items.len(), "item")),
    }
}
