//! What `--no-replace` says of the index where the output goes, and what is kept of it.

use anyhow::{Context, anyhow};

use super::args::Args;
use super::joined::Joined;
use crate::cli::index_file;
use crate::cli::output::Refused;
use crate::model::Model;
use crate::tokens::lock::{Changes, Making, ReplaceError, Replaced};

const ADVICE: &str = "add items with --append, which moves none; leave out --no-replace; or give another --out";

/// The index where the output goes. One that is appended to in its place is the same.
///
/// # Errors
/// With `--no-replace`: it cannot be read, has no lockfile, or was made otherwise, so that all its tokens would be others.
pub fn open(args: &Args, now: &Making, model: &Model) -> anyhow::Result<Option<Replaced>> {
    let (out, extends) = (args.out(), |before: &str| model.extends(before));
    if !args.no_replace {
        return Ok(if args.is_in_place() { None } else { Replaced::at(out, Some(now), extends) });
    }
    if !out.is_file() {
        return Ok(None);
    }
    let locked = index_file::read(out, args.lock).context("--no-replace")?;
    let replaced = Replaced::new(locked.into(), Some(now), extends);
    replaced.ensure_alike("this run", ADVICE).map_err(refused)?;
    Ok(Some(replaced))
}

/// What becomes of its items. Of its retired codewords, those that nobody gets stay retired, unless the new index goes on with
/// those of the one that it is appended to.
///
/// # Errors
/// With `--no-replace`, some would have other tokens, or be gone.
pub fn compare(replaced: &Replaced, args: &Args, joined: &mut Joined) -> anyhow::Result<Changes> {
    let items = joined.ids.iter().enumerate().map(|(item, id)| (id, joined.codewords.tokens(item)));
    let (changes, retired) = replaced.compare(items);
    if args.no_replace {
        replaced.ensure_unmoved(changes, ADVICE).map_err(refused)?;
    }
    if args.append.is_none() {
        joined.retired = retired;
    }
    Ok(changes)
}

/// A check that says no is no error; one that cannot be made is.
fn refused(error: ReplaceError) -> anyhow::Error {
    let text = format!("--no-replace: {error}");
    if error.is_unknown() { anyhow!(text) } else { Refused(text).into() }
}
