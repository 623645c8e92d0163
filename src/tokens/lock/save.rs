//! Writing an index in memory, with its lockfile.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::beside::{lock_beside, recover};
use super::file::{Lock, sum};
use crate::base::files::{self, Destination, Draft};
use crate::tables::is_named_parquet;
use crate::tokens::{Index, IndexWriter, Store, token_number, write_index};

/// What to know where an index is in its place and what belongs to it is not.
pub const LEFT: &str =
    "the index was written; what belongs to it waits beside it under another name, and the next run finds it there";

/// An index and its lockfile under other names, complete and ready to be put in their places.
pub struct Drafts {
    index: Draft,
    lock: Option<Draft>,
    /// The lockfile of the index that was there before.
    stale: Option<PathBuf>,
}

/// An index that cannot be put in its place, or what belongs to it.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// Nothing was written.
    #[error(transparent)]
    Index(io::Error),
    /// The index was.
    #[error("{}", LEFT)]
    Beside(#[source] io::Error),
    /// The index was, beside the lockfile of the one before.
    #[error("the index was written, and {}, which is not its own, cannot be removed: remove it", .path.display())]
    Stale {
        /// The lockfile.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Endings of other forms than an index is written in.
const OTHERS: [&str; 8] = ["csv", "tsv", "gz", "zip", "npy", "npz", "safetensors", "lock"];

/// Checks that the name of an index does not say something else than it will be.
///
/// # Errors
/// It does.
pub fn check_name(out: &Path) -> Result<(), files::WriteError> {
    let ending = out.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if OTHERS.contains(&ending.as_str()) {
        return Err(files::WriteError::refused(out, "an index is JSON or Parquet: give a name that ends in .json or .parquet"));
    }
    Ok(())
}

/// Claims the place of an index, so that no other run writes it meanwhile. What killed runs left there is put in its place or
/// removed.
///
/// # Errors
/// Another run has it; or there can be nothing written; or as [`check_name`].
pub fn claim(out: &Path) -> Result<Option<files::Lock>, files::LockError> {
    check_name(out)?;
    let destination = Destination::resolve(out)?;
    let claim = files::Lock::of(&destination)?;
    if let (Some(claim), Some(file)) = (&claim, destination.file()) {
        recover(file);
        [file, &lock_beside(file)].into_iter().for_each(|file| claim.sweep(file));
    }
    Ok(claim)
}

impl Drafts {
    /// Writes an index, and its lockfile, if it is known what it was made of and it goes into a file. The name says whether the
    /// index is Parquet or JSON.
    ///
    /// # Errors
    /// What the system says.
    pub fn new(out: &Path, index: &Index, lock: Option<&Lock>) -> io::Result<Self> {
        let destination = Destination::resolve(out)?;
        let beside = destination.file().map(lock_beside);
        let (lock, stale) = match (beside, lock) {
            (Some(path), Some(lock)) => (Some(lock_draft(&path, index, lock)?), None),
            (beside, _) => (None, beside),
        };
        let mut draft = Draft::create(&destination)?;
        write(&mut draft, index, is_named_parquet(out))?;
        draft.settle()?;
        Ok(Self { index: draft, lock, stale })
    }

    /// Puts all in their places: the index first, because a later run finds the lockfile, and `more` that belongs to the index,
    /// where they were left.
    ///
    /// # Errors
    /// [`SaveError`] says what is in its place.
    pub fn commit(self, more: Option<Draft>) -> Result<(), SaveError> {
        let Self { index, lock, stale } = self;
        index.commit().map_err(|error| SaveError::Index(error.into()))?;
        let others: Vec<_> = lock.into_iter().chain(more).map(Draft::commit_or_stay).collect();
        others.into_iter().collect::<Result<(), _>>().map_err(|error| SaveError::Beside(error.into()))?;
        // Whoever comes in between is refused, because it is the lockfile of another index.
        match stale.map(|path| (fs::remove_file(&path), path)) {
            Some((Err(source), path)) if source.kind() != io::ErrorKind::NotFound => Err(SaveError::Stale { path, source }),
            _ => Ok(()),
        }
    }
}

fn lock_draft(path: &Path, index: &Index, lock: &Lock) -> io::Result<Draft> {
    let lock = Lock { index: sum(index.rows()), ..lock.clone() };
    let mut draft = Draft::create(&Destination::resolve(path)?)?;
    draft.write_all(lock.to_json().as_bytes())?;
    draft.settle()?;
    Ok(draft)
}

fn write(out: &mut Draft, index: &Index, as_table: bool) -> io::Result<()> {
    if as_table {
        let code = |token: &String| token_number(token).and_then(|number| number.try_into().ok()).unwrap_or(0);
        let codes: Vec<u32> = index.vocabulary.iter().map(code).collect();
        let codes: Vec<u32> = index.tokens.iter().map(|&token| codes[token as usize]).collect();
        let rows = index.rows().zip(codes.chunks_exact(index.width));
        return write_index(out, rows.map(|((id, tokens), codes)| (id, tokens.map(String::from).collect(), codes))).map(drop);
    }
    let mut writer = IndexWriter::new(out)?;
    index.rows().try_for_each(|(id, tokens)| writer.push(id, &tokens.collect::<Vec<_>>()))?;
    writer.finish().map(drop)
}
