//! Reading an index that a command is given, with the lockfile beside it: JSON, gzip, Parquet, a folder of parts or standard
//! input.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::file_hash::sha256;
use super::output::warn;
use crate::base::files::{beside, drafts_of};
use crate::model::TextConfig;
use crate::tables;
use crate::tokens::lock::{Artefact, Difference, Lock, LockError};
use crate::tokens::{Index, IndexError, read_index};

/// Ending of a lockfile's name, after the whole name of the index.
const ENDING: &str = ".lock";

/// Whether lockfiles count.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct LockArg {
    /// Go on where the lockfile beside an index (INDEX.lock) says that something does not belong to it. What is overridden is
    /// said; the rest of the lockfile holds
    #[arg(long)]
    pub ignore_lock: bool,
}

impl LockArg {
    /// Refuses what does not belong together, or with `--ignore-lock` says that it is overridden.
    ///
    /// # Errors
    /// `fault` itself.
    pub fn judge(self, fault: LockError) -> Result<(), LockError> {
        if !self.ignore_lock {
            return Err(fault);
        }
        warn(&format!("--ignore-lock: {}", fault.fault()));
        Ok(())
    }
}

/// An index, and what its lockfile says it was made of.
pub struct Locked {
    /// How messages name it.
    pub name: String,
    /// The index.
    pub index: Index,
    /// Its lockfile; none for an index of another program or from a pipe.
    pub lock: Option<Lock>,
    /// Whether the lockfile counts.
    pub arg: LockArg,
}

/// The index at `path`.
///
/// # Errors
/// The file cannot be read or is no index, which the message names; or the lockfile beside it was written with another.
pub fn read(path: &Path, arg: LockArg) -> anyhow::Result<Locked> {
    let (name, index) = (name(path), read_alone(path)?);
    let lock = lock_path(path).map_or(Ok(None), |lock| find_lock(&lock, &name, &index, arg))?;
    Ok(Locked { name, index, lock, arg })
}

/// The index without its lockfile.
fn read_alone(path: &Path) -> anyhow::Result<Index> {
    let index = if tables::is_parquet(path) { read_index(path) } else { Index::read(tables::open(path)?.stream) };
    match index {
        // This error names the file already.
        Err(error @ IndexError::Table(_)) => Err(error.into()),
        index => index.with_context(|| path.display().to_string()),
    }
}

/// The lockfile at `path`; with `--ignore-lock`, of one that was written with another index what holds for this one.
fn find_lock(path: &Path, index_name: &str, index: &Index, arg: LockArg) -> anyhow::Result<Option<Lock>> {
    fitting_or_left(path, index_name, index).or_else(|error| {
        arg.judge(error.downcast::<LockError>()?)?;
        Ok(read_lock(path).ok().map(|lock| lock.of_another(index)))
    })
}

/// The lockfile at `path`; where a run was killed after it had written the index, the draft of the lockfile that it left.
///
/// # Errors
/// It cannot be read, or does not fit the index.
pub fn fitting_or_left(path: &Path, index_name: &str, index: &Index) -> anyhow::Result<Option<Lock>> {
    let error = match path.exists().then(|| fitting_lock(path, index_name, index)).transpose() {
        Ok(Some(lock)) => return Ok(Some(lock)),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    let left = drafts_of(path).iter().find_map(|draft| fitting_lock(draft, index_name, index).ok());
    match (left, error) {
        (None, Some(error)) => Err(error),
        (left, _) => Ok(left),
    }
}

/// Puts the lockfile of the index at `path` in its place where a killed run has left it as a draft. Nobody may be writing them.
pub fn recover(path: &Path) {
    let Some(lock) = lock_path(path) else { return };
    let drafts = drafts_of(&lock);
    if drafts.is_empty() {
        return;
    }
    // What is wrong with an index is said where it is read.
    let Ok(index) = read_alone(path) else { return };
    let fits = |lock: &Path| fitting_lock(lock, &name(path), &index).is_ok();
    if lock.exists() && fits(&lock) {
        return;
    }
    if let Some(draft) = drafts.iter().find(|draft| fits(draft)) {
        let _ = std::fs::rename(draft, &lock);
    }
}

/// The lockfile at `path`, if it was written with `index`.
fn fitting_lock(path: &Path, index_name: &str, index: &Index) -> anyhow::Result<Lock> {
    let lock = read_lock(path)?;
    lock.check(index, (index_name, &name(path)))?;
    Ok(lock)
}

/// The lockfile at `path`, whatever index it was written with.
///
/// # Errors
/// It cannot be read, or is no lockfile.
pub fn read_lock(path: &Path) -> anyhow::Result<Lock> {
    let json = std::fs::read_to_string(path).with_context(|| format!("cannot read the lockfile {}", path.display()))?;
    Ok(Lock::from_json(&json, &name(path))?)
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

/// How messages name the file.
pub fn name(path: &Path) -> String {
    if tables::is_stdin(path) {
        return "standard input".into();
    }
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A file by its name and hash; what can be read only once has no hash.
///
/// # Errors
/// It cannot be read.
pub fn artefact(path: &Path) -> anyhow::Result<Artefact> {
    let sha256 = if tables::is_read_once(path) { String::new() } else { sha256(path)?.1 };
    Ok(Artefact { name: name(path), sha256 })
}

impl Locked {
    /// Refuses vectors that another text model or template made than those of the index.
    ///
    /// # Errors
    /// [`LockError::Differs`]; `other` names the file of vectors.
    pub fn check_text(&self, other: &str, made_by: Option<&TextConfig>, advice: &'static str) -> Result<(), LockError> {
        let (Some(lock), Some(made_by)) = (&self.lock, made_by) else { return Ok(()) };
        let found = lock.making.text_differences(text_model(made_by).as_ref(), Some(&made_by.template));
        found.into_iter().try_for_each(|difference| self.arg.judge(self.differs(other, difference, advice)))
    }

    /// Refuses interactions other than those that the tokens were made from: they would be tested on what they know.
    ///
    /// # Errors
    /// [`LockError::Differs`]; or the file cannot be read.
    pub fn check_interactions(&self, path: &Path) -> anyhow::Result<()> {
        let Some(locked) = self.lock.as_ref().and_then(|lock| lock.making.interactions.as_ref()) else { return Ok(()) };
        let found = artefact(path)?;
        if found.sha256 == locked.sha256 || found.sha256.is_empty() {
            return Ok(());
        }
        let difference = Difference { artefact: "interactions", before: locked.described(), after: found.described() };
        let advice =
            "the tokens may know what is tested on. Give the interactions that they were made from, or go on with --ignore-lock";
        Ok(self.arg.judge(self.differs(&found.name, difference, advice))?)
    }

    /// The error for something that was made otherwise.
    pub fn differs(&self, other: &str, difference: Difference, advice: &'static str) -> LockError {
        LockError::Differs { index: self.name.clone(), other: other.into(), difference: difference.into(), advice }
    }
}

/// The text model of vectors, if its hash is known.
pub fn text_model(made_by: &TextConfig) -> Option<Artefact> {
    let artefact = Artefact { name: made_by.encoder.clone(), sha256: made_by.encoder_sha256.clone() };
    Some(artefact).filter(|artefact| !artefact.sha256.is_empty())
}
