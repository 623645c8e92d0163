//! What `--no-replace` says of the index where the output goes, and what is kept of it.

use anyhow::{Context, anyhow};

use super::args::Args;
use super::joined::Joined;
use crate::cli::index_file;
use crate::cli::output::Refused;
use crate::model::Model;
use crate::tokens::lock::{Changes, Locked, Making, ReplaceError, Replaced, Retired, read_place};

/// Retired codewords and ids of pinned items that go on in the new lockfile.
pub type Carried = (Vec<Retired>, Vec<String>);

const ADVICE: &str = "add items with --append, which moves none; leave out --no-replace; or give another --out";

/// The index where the output goes. One that is appended to in its place is the same.
///
/// # Errors
/// What its lockfile keeps would be lost; with `--no-replace`, nobody can compare it.
pub fn read(args: &Args) -> anyhow::Result<Option<Locked>> {
    if args.is_in_place() && !args.no_replace {
        return Ok(None);
    }
    let what =
        || format!("{}{} is to be written over", if args.no_replace { "--no-replace: " } else { "" }, args.out().display());
    read_place(args.out(), args.no_replace).with_context(what)
}

/// Compares what the index that was [read](read) is made of with this run.
///
/// # Errors
/// With `--no-replace`: it has no lockfile, or was made otherwise, so that all its tokens would be others.
pub fn open(before: Locked, args: &Args, now: &Making, model: &Model) -> anyhow::Result<Replaced> {
    let replaced = Replaced::new(before, Some(now), |before| model.extends(before));
    if args.no_replace {
        replaced.ensure_alike("this run", ADVICE).map_err(refused)?;
    }
    Ok(replaced)
}

/// What this run makes tokens of: what its vectors do not say of their texts is as it was.
pub fn making(replaced: &Replaced, args: &Args, now: Making) -> Making {
    if args.append.is_some() {
        return now;
    }
    if let Some(path) = &args.input.embeddings {
        replaced.unknown_text(&now, &index_file::shown(path)).iter().for_each(|note| args.say(note));
    }
    replaced.making(now)
}

/// What becomes of its items, and what its lockfile keeps for them: retired codewords that nobody gets, and the ids of pinned items
/// that keep their tokens.
///
/// # Errors
/// With `--no-replace`, some would have other tokens, or be gone.
pub fn compare(replaced: &Replaced, args: &Args, joined: &Joined) -> anyhow::Result<(Changes, Carried)> {
    let items = || joined.ids.iter().enumerate().map(|(item, id)| (id, joined.codewords.tokens(item)));
    let (changes, retired) = replaced.compare(items());
    if args.no_replace {
        replaced.ensure_unmoved(changes, ADVICE).map_err(refused)?;
    }
    Ok((changes, (retired, replaced.pinned(items()))))
}

/// A check that says no is no error; one that cannot be made is.
fn refused(error: ReplaceError) -> anyhow::Error {
    let text = format!("--no-replace: {error}");
    if error.is_unknown() { anyhow!(text) } else { Refused(text).into() }
}
