//! How outputs are written, whichever command writes them.
//!
//! - A file is written whole or not at all: a draft beside it is synced, then renamed ([`Draft`]).
//! - Where several files count only together, the earlier ones are kept until all are in their places ([`Aside`]).
//! - Links are followed: what they point to is replaced, and they stay. A file that was there keeps its mode and, where the
//!   system allows it, its owner. Other hard links to it keep the earlier content. A read-only file is refused.
//! - Pipes and devices are written to directly, and so is anything named by its descriptor (`/dev/stdout`, `/dev/fd/3`).
//!   The path `-` is stdout. Folders, sockets and block devices are refused ([`Destination`]).
//! - Whoever works on a file for longer locks `FILE.partial` beside it ([`Lock`]). The system drops the lock of a process
//!   that dies.
//! - Two paths are the same file if they lead to the same one, however they are spelled ([`Identity`]).

mod aside;
mod destination;
mod draft;
mod draft_name;
mod error;
mod identity;
mod lock;

use std::io::Write;
use std::path::Path;

pub use aside::Aside;
pub use destination::Destination;
pub use draft::Draft;
pub use draft_name::drafts_of;
pub use error::{LockError, WriteError};
pub use identity::{Identity, beside};
pub use lock::Lock;

/// Makes the folder `path`, and those that it lies in, where they are missing.
///
/// # Errors
/// What the system says, with the folder in which nothing can be made.
pub fn make_folder(path: &Path) -> Result<(), WriteError> {
    std::fs::create_dir_all(path).map_err(|error| {
        let mut there = identity::folder(path);
        while !there.exists() {
            there = identity::folder(there);
        }
        WriteError::in_folder(path, there, error)
    })
}

/// Writes the file `path` by `write`, whole or not at all; into a pipe or device, as it comes.
///
/// # Errors
/// That of `write`, or a [`WriteError`]; then what was at `path` before is still there.
pub fn write_atomic<E: From<WriteError>>(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), E>,
) -> Result<(), E> {
    let mut draft = Draft::create(&Destination::resolve(path)?)?;
    write(&mut draft)?;
    Ok(draft.commit()?)
}
