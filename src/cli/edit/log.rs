//! The file of a log of edits.

use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail, ensure};

use crate::base::files::drafts_of;
use crate::cli::index_file::{self, LockArg, name};
use crate::cli::output::say;
use crate::tokens::edit::{Log, Stamp, State};

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

/// Puts the log of edits of `index` in its place where a run was killed after it had written the index and before the log. Nobody
/// may be writing them.
pub fn recover(index: &Path, path: &Path) {
    let drafts = drafts_of(path);
    if drafts.is_empty() {
        return;
    }
    // What is wrong with an index or a log is said where they are read.
    let Ok(locked) = index_file::read(index, LockArg::default()) else { return };
    let stamp = State::new(locked.index, locked.lock.as_ref()).stamp();
    let ends_so = |text: &str| Log::parse(text).is_ok_and(|log| log.ends() == Some(&stamp));
    let earlier = fs::read_to_string(path).unwrap_or_default();
    let goes_on = |draft: &&std::path::PathBuf| {
        fs::read_to_string(draft).is_ok_and(|text| text.starts_with(&earlier) && text != earlier && ends_so(&text))
    };
    if let Some(draft) = drafts.iter().find(goes_on).filter(|_| !ends_so(&earlier))
        && fs::rename(draft, path).is_ok()
    {
        say(&format!("{}: a run was ended after it had written {}; its edits are in the log now", path.display(), name(index)));
    }
}
