//! Reading an index with the lockfile that lies beside it.

use std::fs;
use std::path::{Path, PathBuf};

use super::file::{Lock, sum};
use super::making::Difference;
use super::mismatch::LockError;
use crate::base::files::{Identity, beside, drafts_of};
use crate::base::parallel::both;
use crate::tables;
use crate::tokens::{Index, IndexError, Store, read_index};

/// Ending of a lockfile's name, after the whole name of the index.
const ENDING: &str = ".lock";

/// How often an index that others replace meanwhile is read again.
const READS: usize = 8;

/// An index, and what its lockfile says it was made of.
#[derive(Debug, Clone)]
pub struct Locked<S = Index> {
    /// How messages name it.
    pub name: String,
    /// The index.
    pub index: S,
    /// Its lockfile; none for an index of another program, from a pipe, or where lockfiles do not count.
    pub lock: Option<Lock>,
}

/// An index that cannot be read, or is not that of its lockfile.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It cannot be read.
    #[error("{}", .path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<IndexError>,
    },
    /// The same of a table, whose error names the file.
    #[error(transparent)]
    Table(IndexError),
    /// Its lockfile.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// The index at `path`, which is JSON or Parquet, with its lockfile if `heed` says that it counts.
///
/// # Errors
/// The file cannot be read or is no index, which the message names; or the lockfile beside it was written with another.
pub fn read_locked<S: Store>(path: &Path, heed: bool) -> Result<Locked<S>, ReadError> {
    read_together(path, || {
        let (name, index) = (shown(path), read_alone(path)?);
        let lock_path = lock_path(path).filter(|_| heed);
        let lock = lock_path.map_or(Ok(None), |lock| fitting_or_left(&lock, &name, &index))?;
        Ok(Locked { name, index, lock })
    })
}

/// What `read` makes of the index at `path` and its lockfile. Where that fails and another run has replaced one of the two
/// meanwhile, it is read again.
///
/// # Errors
/// That of the last time.
pub fn read_together<T, E>(path: &Path, read: impl Fn() -> Result<T, E>) -> Result<T, E> {
    let files = || [Some(path.to_path_buf()), lock_path(path)].map(|file| file.as_deref().and_then(Identity::of));
    for _ in 0..READS {
        let before = files();
        match read() {
            Err(_) if files() != before => {}
            read => return read,
        }
    }
    read()
}

/// The index without its lockfile.
///
/// # Errors
/// The file cannot be read or is no index.
pub fn read_alone<S: Store>(path: &Path) -> Result<S, ReadError> {
    read_index(path).map_err(|source| match source {
        IndexError::Table(_) => ReadError::Table(source),
        source => ReadError::Index { path: path.into(), source: source.into() },
    })
}

impl<S> Locked<S> {
    /// The error for something that was made otherwise.
    pub fn differs(&self, other: &str, difference: Difference, advice: &'static str) -> LockError {
        LockError::Differs { index: self.name.clone(), other: other.into(), difference: difference.into(), advice }
    }
}

/// The lockfile at `path`; where a run was killed after it had written the index, the draft of the lockfile that it left.
///
/// # Errors
/// It cannot be read, or does not fit the index.
pub fn fitting_or_left<S: Store>(path: &Path, index_name: &str, index: &S) -> Result<Option<Lock>, LockError> {
    let found = path.exists().then(|| fitting_lock(path, index_name, index)).transpose();
    if let Ok(Some(_)) = found {
        return found;
    }
    let left = drafts_of(path).iter().find_map(|draft| fitting_lock(draft, index_name, index).ok());
    left.map_or(found, |lock| Ok(Some(lock)))
}

/// Puts the lockfile of the index at `path` in its place where a killed run has left it as a draft. Nobody may be writing them.
pub fn recover(path: &Path) {
    let Some(lock) = lock_path(path) else { return };
    let drafts = drafts_of(&lock);
    if drafts.is_empty() {
        return;
    }
    // What is wrong with an index is said where it is read.
    let Ok(index) = read_alone::<Index>(path) else { return };
    let fits = |lock: &Path| fitting_lock(lock, &name(path), &index).is_ok();
    if lock.exists() && fits(&lock) {
        return;
    }
    if let Some(draft) = drafts.iter().find(|draft| fits(draft)) {
        let _ = fs::rename(draft, &lock);
    }
}

/// The lockfile at `path`, if it was written with `index`.
fn fitting_lock<S: Store>(path: &Path, index_name: &str, index: &S) -> Result<Lock, LockError> {
    let (lock, sum) = both(|| read_lock(path), || sum(index.rows()));
    let lock = lock?;
    lock.check(&sum, (index_name, &name(path)))?;
    Ok(lock)
}

/// The lockfile at `path`, whatever index it was written with.
///
/// # Errors
/// It cannot be read, is no lockfile, or was changed.
pub fn read_lock(path: &Path) -> Result<Lock, LockError> {
    Lock::from_json(&text(path)?, &name(path))
}

/// The lockfile at `path`, whatever index it was written with and whether or not it was changed.
///
/// # Errors
/// It cannot be read, or is no lockfile.
pub fn read_lock_as_it_is(path: &Path) -> Result<Lock, LockError> {
    Lock::from_json_as_it_is(&text(path)?, &name(path))
}

fn text(path: &Path) -> Result<String, LockError> {
    fs::read_to_string(path).map_err(|source| LockError::Read { lock: path.into(), source })
}

/// The lockfile of the index at `path`, which need not exist; none for a pipe. It lies beside the file itself, where `path` is
/// a link.
pub fn lock_path(path: &Path) -> Option<PathBuf> {
    let file = if tables::is_stdin(path) { None } else { path.canonicalize().ok() };
    file.filter(|file| !tables::is_read_once(file)).map(|file| lock_beside(&file))
}

/// The lockfile of the index `file`.
pub fn lock_beside(file: &Path) -> PathBuf {
    beside(file, ENDING)
}

/// The name of a file, by which lockfiles and reports call it.
pub fn name(path: &Path) -> String {
    if tables::is_stdin(path) {
        return shown(path);
    }
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How messages name a file: as it was given.
pub fn shown(path: &Path) -> String {
    if tables::is_stdin(path) { "standard input".into() } else { path.display().to_string() }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_another_run_replaces_meanwhile_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("i.json");
        for (replaced, expected) in [(Some(path.clone()), 3), (Some(lock_beside(&path)), 3), (None, 1)] {
            fs::write(&path, "").unwrap();
            let times = Cell::new(0);
            let read = read_together(&path, || {
                times.set(times.get() + 1);
                if let Some(replaced) = replaced.as_ref().filter(|_| times.get() < 3) {
                    let new = folder.path().join("new");
                    fs::write(&new, "").unwrap();
                    fs::rename(new, replaced).unwrap();
                }
                if times.get() < 3 { Err("it does not fit") } else { Ok(()) }
            });
            assert_eq!((times.get(), read.is_ok()), (expected, replaced.is_some()));
        }
    }
}
