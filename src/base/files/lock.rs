//! One run at a time on an output.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::destination::Destination;
use super::draft_name::{drafted, longest_path};
use super::error::{LockError, WriteError};
use super::identity::{Identity, beside, folder};

/// Suffix of the file that is locked.
const SUFFIX: &str = ".partial";

/// A locked file, which a run may use for its unfinished work. It is removed at the end if it is empty.
///
/// The system drops the lock when the process ends, however it ends, so a file that is left over blocks nobody.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
    locked: bool,
}

impl Lock {
    /// Claims a file by `FILE.partial`. A pipe or device has no lock.
    ///
    /// # Errors
    /// Another run has it; nothing can be written beside it.
    pub fn of(destination: &Destination) -> Result<Option<Self>, LockError> {
        destination.file().map(|file| Self::of_file(file, destination.given())).transpose()
    }

    fn of_file(file: &Path, given: &Path) -> Result<Self, LockError> {
        let longest = longest_path(file);
        if let Some(error) = fs::symlink_metadata(longest).err().filter(|e| e.kind() != io::ErrorKind::NotFound) {
            return Err(WriteError::new(given, error).into());
        }
        Self::acquire(&beside(file, SUFFIX), given)
    }

    /// Claims the folder `path`, by a file in it.
    ///
    /// # Errors
    /// As [`Lock::of`].
    pub fn of_folder(path: &Path) -> Result<Self, LockError> {
        Self::acquire(&path.join(SUFFIX), path)
    }

    fn acquire(path: &Path, given: &Path) -> Result<Self, LockError> {
        loop {
            let file = File::options().read(true).write(true).create(true).truncate(false).open(path);
            let file = file.map_err(|e| WriteError::in_folder(given, folder(path), e))?;
            let locked = match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => return Err(LockError::Busy { path: given.into(), pid: holder(&file) }),
                // Some network file systems have no locks. Then two runs at once go unnoticed, and that is all.
                Err(TryLockError::Error(_)) => false,
            };
            // Between opening and locking, another run may have ended and removed the file.
            if !locked || is_at(&file, path) {
                return Ok(Self { path: path.into(), file, locked });
            }
        }
    }

    /// Removes drafts of `file`, which only this claim may write, that dead runs have left.
    pub fn sweep(&self, file: &Path) {
        let name = file.file_name().and_then(|name| name.to_str());
        self.sweep_folder(folder(file), |drafted| Some(drafted) == name);
    }

    /// Removes drafts that dead runs have left in `folder`, of files that only this claim may write: `is_claimed` knows
    /// them by their names.
    pub fn sweep_folder(&self, folder: &Path, is_claimed: impl Fn(&str) -> bool) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(|_| self.locked) {
            if entry.file_name().to_str().and_then(drafted).is_some_and(&is_claimed) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Whether the file system has locks.
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// The file, at its path, open for reading and writing.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // While it is locked, so that nobody else can have begun to use it.
        if self.file.metadata().is_ok_and(|found| found.len() == 0) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: io::Result<fs::Metadata>| found.ok().map(|found| Identity::of_metadata(&found));
    identity(file.metadata()) == identity(fs::metadata(path))
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// The process that has locked `file`, as Linux lists it.
#[cfg(target_os = "linux")]
fn holder(file: &File) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let inode = format!(":{}", file.metadata().ok()?.ino());
    // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:10718131 0 EOF
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let mut found = locks.lines().filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        (words.get(1) == Some(&"FLOCK") && words.get(5)?.ends_with(&inode)).then(|| words[4].parse().ok())?
    });
    let pid = found.next()?;
    found.next().is_none().then_some(pid)
}

#[cfg(not(target_os = "linux"))]
fn holder(_file: &File) -> Option<u32> {
    None
}
