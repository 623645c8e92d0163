//! What can go wrong with an output.

use std::io;
use std::path::{Path, PathBuf};

/// A file that cannot be written, or not be put in its place.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", .path.display())]
pub struct WriteError {
    /// Which one.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl WriteError {
    /// What the system says of `path`.
    pub fn new(path: &Path, source: io::Error) -> Self {
        Self { path: path.into(), source }
    }

    /// What the system says of `path`, for which nothing can be made in `folder`.
    pub(super) fn in_folder(path: &Path, folder: &Path, source: io::Error) -> Self {
        let is_closed = matches!(source.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
        let what = || format!("nothing can be made in the folder {}: make it writable, or write elsewhere", folder.display());
        Self::new(path, if is_closed { io::Error::new(source.kind(), what()) } else { source })
    }

    /// What is refused before the system is asked.
    pub fn refused(path: &Path, why: impl Into<String>) -> Self {
        Self::new(path, io::Error::other(why.into()))
    }
}

impl From<WriteError> for io::Error {
    fn from(error: WriteError) -> Self {
        Self::new(error.source.kind(), error)
    }
}

/// An output that cannot be claimed.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// A living process is writing it.
    #[error("another run{} is writing {}: wait until it ends, or write elsewhere", in_brackets(.pid), .path.display())]
    Busy {
        /// What it writes.
        path: PathBuf,
        /// Number of its process, where the system tells it.
        pid: Option<u32>,
    },
    /// The lock's own file cannot be made.
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn in_brackets(pid: &Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (pid {pid})"))
}
