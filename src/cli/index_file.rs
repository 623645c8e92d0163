//! Reading an index that a command is given, with the lockfile beside it: JSON, gzip, Parquet, a folder of parts or standard
//! input.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::file_hash::sha256;
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
    /// Go on where the lockfile beside an index (INDEX.lock) says that something does not belong to it
    #[arg(long)]
    pub ignore_lock: bool,
}

/// An index, and what its lockfile says it was made of.
pub struct Locked {
    /// How messages name it.
    pub name: String,
    /// The index.
    pub index: Index,
    /// Its lockfile; none for an index of another program, from a pipe, or with `--ignore-lock`.
    pub lock: Option<Lock>,
}

/// The index at `path`.
///
/// # Errors
/// The file cannot be read or is no index, which the message names; or the lockfile beside it was written with another.
pub fn read(path: &Path, arg: LockArg) -> anyhow::Result<Locked> {
    let index = if tables::is_parquet(path) { read_index(path) } else { Index::read(tables::open(path)?.stream) };
    let index = match index {
        // This error names the file already.
        Err(error @ IndexError::Table(_)) => return Err(error.into()),
        index => index.with_context(|| path.display().to_string())?,
    };
    let name = name(path);
    let lock_path = lock_path(path).filter(|_| !arg.ignore_lock);
    let lock = lock_path.map_or(Ok(None), |lock| find_lock(&lock, &name, &index))?;
    Ok(Locked { name, index, lock })
}

/// The lockfile at `path`; where a run was killed after it had written the index, the draft of the lockfile that it left.
fn find_lock(path: &Path, index_name: &str, index: &Index) -> anyhow::Result<Option<Lock>> {
    let found = path.exists().then(|| read_lock(path, index_name, index)).transpose();
    if let Ok(Some(_)) = found {
        return found;
    }
    let left = drafts_of(path).iter().find_map(|draft| read_lock(draft, index_name, index).ok());
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
    let Ok(Locked { name, index, .. }) = read(path, LockArg { ignore_lock: true }) else { return };
    if lock.exists() && read_lock(&lock, &name, &index).is_ok() {
        return;
    }
    if let Some(draft) = drafts.iter().find(|draft| read_lock(draft, &name, &index).is_ok()) {
        let _ = std::fs::rename(draft, &lock);
    }
}

fn read_lock(path: &Path, index_name: &str, index: &Index) -> anyhow::Result<Lock> {
    let name = name(path);
    let json = std::fs::read_to_string(path).with_context(|| format!("cannot read the lockfile {}", path.display()))?;
    let lock = Lock::from_json(&json, &name)?;
    lock.check(index, (index_name, &name))?;
    Ok(lock)
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
    pub fn check_text(&self, other: &str, made_by: Option<&TextConfig>) -> Result<(), LockError> {
        let (Some(lock), Some(made_by)) = (&self.lock, made_by) else { return Ok(()) };
        let found = lock.making.text_differences(text_model(made_by).as_ref(), Some(&made_by.template));
        let advice = "give the embeddings that the index was made from, or go on with --ignore-lock";
        found.into_iter().next().map_or(Ok(()), |difference| Err(self.differs(other, difference, advice)))
    }

    /// Refuses interactions other than those that the tokens were made from: a recommender would be tested on what the tokens
    /// know.
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
        Err(self.differs(&found.name, difference, advice).into())
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
