//! Whether a catalogue or a file of vectors has what an index was made from, as its lockfile tells.

use std::collections::HashMap;

use crate::cli::index_file::Locked;
use crate::tokens::lock::{LockError, Reads, UNKNOWN};

/// Compares items with the fingerprints of an index while they are read.
pub(super) struct Unchanged<'a> {
    locked: &'a Locked,
    reads: Reads,
    /// Fingerprints by id; none where no lockfile has those of what is read.
    known: HashMap<&'a str, u32>,
    items: usize,
    changed: usize,
    first: Option<String>,
}

impl<'a> Unchanged<'a> {
    /// Nothing is read yet.
    pub(super) fn new(locked: &'a Locked, reads: Reads) -> Self {
        let lock = locked.lock.iter().filter(|lock| lock.making.reads == reads);
        let fingerprints = lock.flat_map(|lock| lock.fingerprints.0.iter().copied());
        let known = locked.index.ids.iter().map(String::as_str).zip(fingerprints);
        let known = known.filter(|(_, fingerprint)| *fingerprint != UNKNOWN).collect();
        Self { locked, reads, known, items: 0, changed: 0, first: None }
    }

    /// Looks at an item, whose fingerprint is made if it is needed.
    pub(super) fn see(&mut self, id: &str, fingerprint: impl FnOnce() -> u32) {
        let Some(&locked) = self.known.get(id) else { return };
        self.items += 1;
        if fingerprint() != locked {
            self.changed += 1;
            self.first.get_or_insert_with(|| id.into());
        }
    }

    /// Refuses `other`, in which an item is not as it was.
    pub(super) fn check(self, other: &str) -> Result<(), LockError> {
        let Some(first) = self.first else { return Ok(()) };
        let what = if self.reads == Reads::Texts { "text" } else { "vector" };
        let (index, other) = (self.locked.name.clone(), other.into());
        self.locked.arg.judge(LockError::Items { index, other, what, changed: self.changed, items: self.items, first })
    }
}
