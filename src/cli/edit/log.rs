//! The file of a log of edits.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail, ensure};

use crate::base::files::drafts_of;
use crate::cli::index_file::{self, LockArg, shown};
use crate::cli::output::say;
use crate::tokens::edit::{Log, Run, Stamp, State};

/// Reads a log.
///
/// # Errors
/// It cannot be read, or is no log.
pub fn read(path: &Path) -> anyhow::Result<Log> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Log::parse(&text).map_err(|error| anyhow!("{}, {error}", path.display()))
}

/// The content of the log at `path`, which edits of an index continue that is now at `stamp`; nothing where no log is there.
///
/// # Errors
/// There is something else, or a log that ends with another index than `index`.
pub fn continued(path: &Path, index: &str, stamp: &Stamp) -> anyhow::Result<String> {
    let Ok(found) = fs::metadata(path) else { return Ok(String::new()) };
    ensure!(found.is_file(), "--log {}: not a file: give the log a file of its own", path.display());
    let log = read(path).context("--log continues a log of edits: give it a file of its own")?;
    if let Some(end) = log.ends().filter(|end| *end != stamp) {
        bail!(
            "--log {} ends with {end}, and {index} has {stamp}: edit the index that it ends with, or give --log another file (what \
             is appended or tokenized between edits is in no log)",
            path.display()
        );
    }
    let text = fs::read_to_string(path)?;
    Ok(if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" })
}

/// Checks that a log can be done again on an index that is now at `stamp`.
///
/// # Errors
/// The log begins with another.
pub fn check_begin(log: &Log, path: &Path, index: &str, stamp: &Stamp) -> anyhow::Result<()> {
    let path = path.display();
    match (log.begins(), log.ends()) {
        (Some(begin), _) if begin == stamp => Ok(()),
        (_, Some(end)) if end == stamp => bail!("{path} ends with {end}, which {index} has: everything in it is done already"),
        (Some(begin), _) => {
            bail!("{path} begins with {begin}, and {index} has {stamp}: replay a log on the index that it was begun with")
        }
        (None, _) => bail!("{path} has no edits: there is nothing to do again"),
    }
}

/// Puts the log of edits of `index` in its place where a run was ended after it had written the index and before the log. Nobody
/// may be writing them.
///
/// # Errors
/// The index cannot be read, or is neither what it was before the run nor after it: nobody knows whether the log counts.
pub fn recover(index: &Path, path: &Path) -> anyhow::Result<()> {
    let earlier = fs::read_to_string(path).unwrap_or_default();
    let left: Vec<(PathBuf, Run)> =
        drafts_of(path).into_iter().filter_map(|draft| last_run(&draft, &earlier).map(|run| (draft, run))).collect();
    if left.is_empty() {
        return Ok(());
    }
    let locked = index_file::read(index, LockArg::default())?;
    let stamp = State::new(locked.index, locked.lock.as_ref()).stamp();
    let (index, mut done) = (shown(index), left.iter().filter(|(_, run)| run.from != stamp));
    let Some((draft, run)) = done.clone().find(|(_, run)| run.to == stamp).or_else(|| done.next()) else { return Ok(()) };
    ensure!(
        run.to == stamp,
        "{} is the log of a run that was ended, and {index} was changed since, so nobody knows whether its edits were done: rename it \
         to {} if they were, otherwise remove it",
        draft.display(),
        path.display()
    );
    fs::rename(draft, path).with_context(|| format!("cannot rename {} to {}", draft.display(), path.display()))?;
    say(&format!("{}: a run was ended after it had written {index}; its edits are in the log now", path.display()));
    Ok(())
}

/// The last run in a draft that goes on with the log `earlier`; none in one that is not complete.
fn last_run(draft: &Path, earlier: &str) -> Option<Run> {
    let text = fs::read_to_string(draft).ok().filter(|text| text.starts_with(earlier) && text != earlier)?;
    Log::parse(&text).ok()?.0.pop()
}
