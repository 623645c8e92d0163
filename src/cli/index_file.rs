//! Reading an index that a command is given, with the lockfile beside it: JSON, gzip, Parquet, a folder of parts or standard
//! input.

use std::path::Path;

use anyhow::Context;

use super::file_hash::sha256;
use super::output::{say, warn};
use crate::model::TextConfig;
use crate::tables;
use crate::tokens::Index;
use crate::tokens::lock::{self, Artefact, Difference, Lock, LockError, ReadError, read_alone, read_locked};
pub use crate::tokens::lock::{fitting_or_left, lock_beside, lock_path, name, read_lock_as_it_is, recover, shown};

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
    match read_locked(path, true) {
        Ok(lock::Locked { name, index, lock }) => Ok(Locked { name, index, lock, arg }),
        Err(ReadError::Lock(fault)) if arg.ignore_lock && !matches!(fault, LockError::Read { .. }) => {
            arg.judge(fault)?;
            // Of a lockfile that was changed or written with another index, what holds for this one.
            let index = read_alone(path)?;
            let lock = lock_path(path).and_then(|lock| read_lock_as_it_is(&lock).ok()).map(|lock| lock.of_another(&index));
            Ok(Locked { name: shown(path), index, lock, arg })
        }
        Err(error) => Err(error.into()),
    }
}

/// The ids in a file that has one a line, with the numbers of their lines. A byte order mark, as spreadsheets write it, is no part
/// of the first.
///
/// # Errors
/// It cannot be read, or a line is no UTF-8.
pub fn id_lines(path: &Path) -> anyhow::Result<Vec<(usize, String)>> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut ids = Vec::new();
    for (line, bytes) in (1..).zip(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).split(|&byte| byte == b'\n')) {
        let id = std::str::from_utf8(bytes.strip_suffix(b"\r").unwrap_or(bytes));
        let id = id.with_context(|| format!("{}, line {line}: it is not UTF-8: save the file as UTF-8", path.display()))?;
        ids.extend((!id.is_empty()).then(|| (line, id.into())));
    }
    Ok(ids)
}

/// A file by its name and hash; what can be read only once has no hash.
///
/// # Errors
/// It cannot be read.
pub fn artefact(path: &Path) -> anyhow::Result<Artefact> {
    let sha256 = if tables::is_read_once(path) { String::new() } else { sha256(path)?.1 };
    Ok(Artefact { name: name(path), sha256 })
}

impl From<Locked> for lock::Locked {
    fn from(Locked { name, index, lock, .. }: Locked) -> Self {
        Self { name, index, lock }
    }
}

impl Locked {
    /// Refuses vectors that another text model or template made than those of the index.
    ///
    /// # Errors
    /// [`LockError::Differs`]; `other` names the file of vectors.
    pub fn check_text(&self, other: &str, made_by: Option<&TextConfig>, advice: &'static str) -> Result<(), LockError> {
        if made_by.and_then(text_model).is_none() {
            self.unknown_text(other).iter().for_each(|note| say(note));
        }
        let (Some(lock), Some(made_by)) = (&self.lock, made_by) else { return Ok(()) };
        let found = lock.making.text_differences(text_model(made_by).as_ref(), Some(&made_by.template));
        found.into_iter().try_for_each(|difference| self.arg.judge(self.differs(other, difference, advice)))
    }

    /// What there is to say of vectors that do not tell their text model, where the index has one.
    pub fn unknown_text(&self, other: &str) -> Option<String> {
        self.lock.as_ref()?.making.unknown_text(&self.name, other)
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
