//! What an edit leaves: index, lockfile and log; and what it prints.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::args::Args;
use super::log;
use crate::audit::Table;
use crate::base::files::{Destination, Draft};
use crate::cli::index_file::Locked;
use crate::cli::output::print as print_line;
use crate::tables::is_stdin;
use crate::tokens::Index;
use crate::tokens::edit::{Edit, Operation};
use crate::tokens::lock::{Lock, drafts};

/// Writes all under other names, then puts them in their places: the log first, so that no edit is ever without one, and the
/// lockfile last, which a later run can find where it was left.
pub fn write(
    out: &Path,
    log: Option<&Path>,
    locked: &Locked,
    index: &Index,
    pinned: HashSet<String>,
    edits: &[Edit],
) -> anyhow::Result<()> {
    let log = log.map(|path| draft(path, &log::continued(path, edits)?)).transpose()?;
    let mut pinned: Vec<String> = pinned.into_iter().collect();
    pinned.sort_unstable();
    let lock = locked.lock.clone().map(|lock| Lock { pinned, ..lock });
    let written = drafts(out, index, lock.as_ref())?;
    log.into_iter().chain(written).try_for_each(|draft| Ok(draft.commit()?))
}

fn draft(path: &Path, content: &[u8]) -> anyhow::Result<Draft> {
    let mut draft = Draft::create(&Destination::resolve(path)?)?;
    draft.write_all(content)?;
    draft.settle()?;
    Ok(draft)
}

/// Prints what the edits moved and cost, unless the index goes to stdout.
pub fn print(args: &Args, locked: &Locked, edits: &[Edit]) -> anyhow::Result<()> {
    let moved: usize = edits.iter().map(|edit| edit.moved.len()).sum();
    let added = edits.iter().fold(0.0, |sum, edit| sum + edit.added_distortion);
    if args.json {
        let out = args.out.as_ref().map(|out| out.to_string_lossy());
        let all = json!({ "edits": edits, "items_moved": moved, "added_distortion": added, "out": out });
        return print_line(&serde_json::to_string_pretty(&all)?);
    }
    if args.out.as_deref().is_some_and(is_stdin) {
        return Ok(());
    }
    let mut rows = Vec::new();
    for edit in edits {
        let (moved, added) = (edit.moved.len().to_string(), format!("{:+.4}", edit.added_distortion));
        rows.push(vec![named(&edit.operation), moved, String::new(), added, edit.sharing.to_string()]);
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
    let title = format!("{}: {} edits move {moved} items and add {added:.4} distortion; {done}", locked.name, edits.len());
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
    }
}
