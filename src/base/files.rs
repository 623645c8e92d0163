//! Files written whole or not at all: a temporary one beside the place, synced, then renamed.

use std::fs::Permissions;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file that cannot be written, or not be put in its place.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}")]
pub struct WriteError {
    /// Which one.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Writes the file `path` by `write`, whole or not at all.
///
/// # Errors
/// That of `write`, or a [`WriteError`]; then what was at `path` before is still there.
pub fn write_atomic<E: From<WriteError>>(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), E>,
) -> Result<(), E> {
    let cannot = |source| WriteError { path: path.into(), source };
    let mut out = BufWriter::new(temporary_beside(path).map_err(cannot)?);
    write(&mut out)?;
    synced(out).and_then(|file| file.persist(path).map_err(|e| e.error)).map_err(cannot)?;
    Ok(())
}

/// A temporary file in the folder of `path`, with the permissions of any new file.
pub(crate) fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    if let Some(permissions) = readable() {
        builder.permissions(permissions);
    }
    builder.tempfile_in(folder)
}

/// Flushes and syncs what was written; the file is then ready to be renamed.
pub(crate) fn synced(mut out: BufWriter<NamedTempFile>) -> io::Result<NamedTempFile> {
    out.flush()?;
    let file = out.into_inner().map_err(|e| e.into_error())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Temporary files are private by default, results are not: the process's mask decides.
#[cfg(unix)]
fn readable() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn readable() -> Option<Permissions> {
    None
}
