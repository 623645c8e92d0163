//! The files of runs: which of them are done, and writing one.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::CompareError;
use super::run::{RunFile, RunId};
use crate::base::files::{make_folder, write_atomic};
use crate::learn::fingerprint::differences;

/// A folder with one JSON file a run.
#[derive(Debug)]
pub struct RunStore {
    folder: PathBuf,
}

/// What the folder has of a run.
#[derive(Debug)]
pub enum Found {
    /// It is done.
    Done(Box<RunFile>),
    /// Nothing.
    Missing,
    /// A file that is of no use, and why.
    Unusable(String),
}

impl RunStore {
    /// The folder, made if it is missing.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(folder: &Path) -> Result<Self, CompareError> {
        make_folder(folder)?;
        Ok(Self { folder: folder.into() })
    }

    /// What there is of a run that depends on what `fingerprint` says.
    ///
    /// # Errors
    /// What the system says; a damaged file is [`Found::Unusable`].
    pub fn find(&self, id: &RunId, fingerprint: &str) -> Result<Found, CompareError> {
        let path = self.path(id);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Missing),
            Err(error) => return Err(CompareError::at(&path)(error)),
        };
        Ok(match read(&bytes) {
            Err(fault) => Found::Unusable(format!("{} is damaged ({fault})", path.display())),
            Ok(file) if file.run.id != *id => Found::Unusable(format!("{} is of another run", path.display())),
            Ok(file) if file.fingerprint != fingerprint => Found::Unusable(format!(
                "{} was made with other settings or data:\n{}",
                path.display(),
                differences(&file.fingerprint, fingerprint)
            )),
            Ok(file) => Found::Done(Box::new(file)),
        })
    }

    /// Writes a run, and reads it back: results follow from files alone, so that another session gives the same bits.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, file: &RunFile) -> Result<RunFile, CompareError> {
        let path = self.path(&file.run.id);
        let bytes = serde_json::to_vec(file).expect("a run has only plain fields");
        write_atomic(&path, |out| out.write_all(&bytes)).map_err(CompareError::at(&path))?;
        Ok(read(&bytes).expect("what was written can be read"))
    }

    /// Every run of the folder that can be read, by name.
    ///
    /// # Errors
    /// What the system says.
    pub fn all(&self) -> Result<Vec<RunFile>, CompareError> {
        let at = CompareError::at(&self.folder);
        let mut paths: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(&at)? {
            paths.push(entry.map_err(&at)?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let read_file = |path: &PathBuf| fs::read(path).map_err(CompareError::at(path)).map(|bytes| read(&bytes).ok());
        paths.iter().filter_map(|path| read_file(path).transpose()).collect()
    }

    /// Where the file of a run is.
    pub fn path(&self, id: &RunId) -> PathBuf {
        self.folder.join(format!("{}.json", id.file_name()))
    }
}

fn read(bytes: &[u8]) -> Result<RunFile, serde_json::Error> {
    serde_json::from_slice(bytes)
}
