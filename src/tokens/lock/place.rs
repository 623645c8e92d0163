//! What lies where an index is to be written.

use std::path::Path;

use super::beside::{Locked, ReadError, lock_beside, name, read_alone, read_lock, shown};
use super::file::{Lock, sum};
use super::mismatch::LockError;
use crate::base::files::Destination;
use crate::tokens::{Index, Store};

/// The index at `path`, where another is to be written, with its lockfile; none where no index is. One that cannot be read no
/// longer matters, and nor does a lockfile of another, unless what it keeps for published items would be lost with it, or `all` has
/// to be compared.
///
/// # Errors
/// A lockfile cannot be read, or counts and its index is not there; with `all`, the index cannot be read.
pub fn read_place(path: &Path, all: bool) -> Result<Option<Locked>, ReadError> {
    let (index_name, index) = (shown(path), path.is_file().then(|| read_alone::<Index>(path)).transpose());
    let index = if all { Ok(index?) } else { index };
    let place = Destination::resolve(path).ok().and_then(|place| place.file().map(lock_beside));
    let Some(place) = place.filter(|lock| lock.exists()) else {
        return Ok(index.ok().flatten().map(|index| Locked { name: index_name, index, lock: None }));
    };
    let (lock, lock_name) = (read_lock(&place)?, name(&place));
    let counts = all || keeps(&lock);
    let alone = |reason: String| {
        let fault = LockError::Alone { index: index_name.clone(), lock: lock_name.clone(), reason };
        if counts { Err(fault.into()) } else { Ok(None) }
    };
    let index = match index {
        Ok(Some(index)) => index,
        Ok(None) => return alone("is not there".into()),
        Err(ReadError::Index { source, .. }) => return alone(format!("cannot be read ({source})")),
        Err(error) => return alone(format!("cannot be read ({error})")),
    };
    let lock = match lock.check(&sum(index.rows()), (&index_name, &lock_name)) {
        Ok(()) => Some(lock),
        Err(fault) if counts => return Err(fault.into()),
        Err(_) => None,
    };
    Ok(Some(Locked { name: index_name, index, lock }))
}

/// Whether there is something that only the lockfile knows.
fn keeps(lock: &Lock) -> bool {
    !lock.pinned.is_empty() || !lock.retired.is_empty()
}
