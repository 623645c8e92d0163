//! Names of drafts, by which what killed runs have left is found.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::{Builder, NamedTempFile};

use super::identity::folder;

/// Ends of a draft's name: `.` and the file's name and a dot before six letters, this after them.
const SUFFIX: &str = ".partial";
const RANDOM: usize = 6;

/// Makes something beside `file` that has the name of a draft of it.
pub(super) fn make_beside<R>(file: &Path, make: impl FnMut(&Path) -> io::Result<R>) -> io::Result<NamedTempFile<R>> {
    named(&prefix(file)).make_in(folder(file), make)
}

/// Makes files with names of drafts that begin so.
pub(super) fn named(prefix: &OsStr) -> Builder<'_, 'static> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(SUFFIX).rand_bytes(RANDOM);
    builder
}

/// The beginning of the names of a file's drafts.
pub(super) fn prefix(file: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(file.file_name().unwrap_or_default());
    prefix.push(".");
    prefix
}

/// The file whose draft has the name `name`, if it is one's.
pub(super) fn drafted(name: &str) -> Option<&str> {
    let name = name.strip_prefix('.')?.strip_suffix(SUFFIX)?;
    let (file, random) = name.split_at_checked(name.len().checked_sub(RANDOM)?)?;
    random.chars().all(|c| c.is_ascii_alphanumeric()).then(|| file.strip_suffix('.'))?
}

/// The drafts of `file` that runs have left, or are writing.
pub fn drafts_of(file: &Path) -> Vec<PathBuf> {
    let name = file.file_name().and_then(|name| name.to_str());
    let entries = fs::read_dir(folder(file)).into_iter().flatten().flatten();
    let drafts = entries.filter(|entry| name.is_some() && entry.file_name().to_str().and_then(drafted) == name);
    drafts.map(|entry| entry.path()).collect()
}

/// A path as long as that of a draft, to find out early whether it is too long.
pub(super) fn longest_path(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    folder(file).join(format!(".{name}.{}{SUFFIX}", "0".repeat(RANDOM)))
}
