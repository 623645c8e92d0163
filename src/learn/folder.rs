//! A run's files: checkpoints while it lasts, its log, its results. Each is written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use super::log::{MetricsLog, up_to};
use crate::base::files::{Destination, Lock, LockError, WriteError, make_folder, write_atomic};

/// Checkpoints kept.
const KEPT: usize = 2;
const EXTENSION: &str = "safetensors";
const LOG: &str = "metrics.jsonl";

/// A folder that cannot be used for a run.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder.
    #[error("{path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds something that would be lost.
    #[error("{path} holds {what}: {remedy}")]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Another run works in it, or nothing can be written there.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file that cannot be written; the error names it.
    #[error(transparent)]
    Write(io::Error),
    /// No checkpoint could be read.
    #[error("no checkpoint can be read, start again with --force:\n{}", .0.join("\n"))]
    Checkpoints(Vec<String>),
}

impl From<WriteError> for FolderError {
    fn from(error: WriteError) -> Self {
        Self::Write(error.into())
    }
}

/// What to do with a folder that is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Go on from the newest checkpoint, if there is one.
    pub resume: bool,
    /// Overwrite.
    pub force: bool,
}

/// The newest readable checkpoint, and what was wrong with newer ones.
#[derive(Debug)]
pub struct Latest<T> {
    /// As it was read.
    pub checkpoint: T,
    /// A line for each that could not be read.
    pub faults: Vec<String>,
}

/// The folder of one run, in which no other run can work meanwhile.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    lock: Lock,
}

impl RunFolder {
    /// Makes the folder `path`, and refuses to overwrite an unfinished run, or a file of the name of one of its `results`,
    /// unasked: that is the result of an earlier run, or somebody else's. The last of the results is what makes it whole.
    ///
    /// # Errors
    /// Another run works in it, [`FolderError::Occupied`], and what the system says.
    pub fn claim(path: &Path, results: &[&str], claim: Claim) -> Result<Self, FolderError> {
        make(path)?;
        let folder = Self { path: path.into(), lock: Lock::of_folder(path)? };
        let unfinished = !folder.list_checkpoints()?.is_empty();
        let occupied = |what: &str, remedy| Err(FolderError::Occupied { path: path.into(), what: what.into(), remedy });
        if !claim.force && !claim.resume && unfinished {
            return occupied("an unfinished run", "go on with --resume, or overwrite it with --force");
        }
        // Beside checkpoints it is the result of an earlier run, which this one was told to overwrite.
        let mut results = results.iter().rev().enumerate();
        let present = results.find(|(_, name)| path.join(name).symlink_metadata().is_ok());
        if let Some((place, name)) = present.filter(|_| !claim.force && !unfinished) {
            let what = if place == 0 { "a finished model" } else { name };
            return occupied(what, "choose another --out, or overwrite it with --force");
        }
        if claim.force && !claim.resume {
            folder.clear_checkpoints()?;
            remove(&folder.log_path())?;
        }
        Ok(folder)
    }

    /// Whether other runs are kept out: some network file systems have no locks.
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Writes the file `name`.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.lock.sweep(&self.path.join(name));
        write_whole(&self.path.join(name), bytes)
    }

    /// Removes the file `name`, if it is there.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove(&self, name: &str) -> Result<(), FolderError> {
        remove(&self.path.join(name))
    }

    /// Saves a checkpoint of `step`, then removes all but the newest two.
    ///
    /// # Errors
    /// What the system says.
    pub fn save_checkpoint(&self, step: usize, bytes: &[u8]) -> Result<PathBuf, FolderError> {
        let folder = self.checkpoints();
        make_folder(&folder)?;
        self.lock.sweep_folder(&folder, |_| true);
        let path = folder.join(format!("{step:08}.{EXTENSION}"));
        write_whole(&path, bytes)?;
        let mut all = self.list_checkpoints()?;
        all.truncate(all.len().saturating_sub(KEPT));
        all.iter().try_for_each(|old| fs::remove_file(old).map_err(at(old)))?;
        Ok(path)
    }

    /// The newest checkpoint that `read` can read.
    ///
    /// # Errors
    /// [`FolderError::Checkpoints`] where there are some and it can read none.
    pub fn latest_checkpoint<T, E: ToString>(
        &self,
        read: impl Fn(&[u8]) -> Result<T, E>,
    ) -> Result<Option<Latest<T>>, FolderError> {
        let mut faults = Vec::new();
        for path in self.list_checkpoints()?.into_iter().rev() {
            match read(&fs::read(&path).map_err(at(&path))?) {
                Ok(checkpoint) => return Ok(Some(Latest { checkpoint, faults })),
                Err(fault) => faults.push(format!("{}: {}", path.display(), fault.to_string())),
            }
        }
        if faults.is_empty() { Ok(None) } else { Err(FolderError::Checkpoints(faults)) }
    }

    /// Removes every checkpoint, at the end of a run.
    ///
    /// # Errors
    /// What the system says.
    pub fn clear_checkpoints(&self) -> Result<(), FolderError> {
        self.list_checkpoints()?.iter().try_for_each(|path| fs::remove_file(path).map_err(at(path)))?;
        self.lock.sweep_folder(&self.checkpoints(), |_| true);
        // Something else may lie there; it stays.
        let _ = fs::remove_dir(self.checkpoints());
        Ok(())
    }

    /// Opens the log `metrics.jsonl`, keeping the events up to `step`.
    ///
    /// # Errors
    /// What the system says.
    pub fn open_log(&self, step: usize) -> Result<MetricsLog<BufWriter<File>>, FolderError> {
        let path = self.log_path();
        if path.exists() {
            let text = fs::read(&path).map_err(at(&path))?;
            self.write(LOG, up_to(&String::from_utf8_lossy(&text), step).as_bytes())?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(at(&path))?;
        Ok(MetricsLog::new(BufWriter::new(file)))
    }

    /// Where the log is.
    pub fn log_path(&self) -> PathBuf {
        self.path.join(LOG)
    }

    fn checkpoints(&self) -> PathBuf {
        self.path.join("checkpoints")
    }

    /// Oldest first.
    fn list_checkpoints(&self) -> Result<Vec<PathBuf>, FolderError> {
        let folder = self.checkpoints();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(at(&folder)(e)),
        };
        let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
        files.retain(|path| path.extension().is_some_and(|e| e == EXTENSION));
        files.sort();
        Ok(files)
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    write_atomic(path, |out| out.write_all(bytes)).map_err(FolderError::Write)
}

/// Makes the folder `path` if it is missing.
fn make(path: &Path) -> Result<(), FolderError> {
    let refused = |why| Err(at(path)(io::Error::other(why)));
    if path == Path::new("-") {
        return refused("a run fills a folder, which does not go to stdout: give the name of a folder");
    }
    if path.exists() && !path.is_dir() {
        return refused("it is no folder: give the name of one");
    }
    if path.is_symlink() && !path.exists() {
        return refused("it is a link to a folder that does not exist: make that folder");
    }
    Ok(make_folder(path)?)
}

/// Removes the file that `path` leads to, if there is one; links stay.
fn remove(path: &Path) -> Result<(), FolderError> {
    let found = Destination::resolve(path)?;
    match found.file().filter(|file| file.exists()) {
        Some(file) => fs::remove_file(file).map_err(at(path)),
        None => Ok(()),
    }
}

/// An error of the system at `path`.
pub fn at(path: &Path) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::Io { path: path.into(), source }
}
