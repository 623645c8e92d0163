//! Whether items are as they were when the index was made.

use std::collections::HashMap;

use crate::cli::index_file::Locked;
use crate::tokens::lock::{LockError, Reads, UNKNOWN};

/// Counts the items that changed.
pub struct Unchanged<'a> {
    index: &'a str,
    known: HashMap<&'a str, u32>,
    changed: usize,
    first: Option<String>,
}

impl<'a> Unchanged<'a> {
    /// Nothing is seen yet. Nobody knows how the items were without a lockfile, or where other than what is `read` was read of them.
    pub fn new(locked: &'a Locked, read: Reads) -> Self {
        let lock = locked.lock.iter().filter(|lock| lock.making.reads == read);
        let fingerprints = lock.flat_map(|lock| lock.fingerprints.0.iter().copied());
        let known = locked.index.ids.iter().map(String::as_str).zip(fingerprints).collect();
        Self { index: &locked.name, known, changed: 0, first: None }
    }

    /// Compares an item's text or vector.
    pub fn see(&mut self, id: &str, fingerprint: u32) {
        if self.known.get(id).is_some_and(|&known| known != UNKNOWN && known != fingerprint) {
            self.changed += 1;
            self.first.get_or_insert_with(|| id.into());
        }
    }

    /// Refuses items that changed. `other` names what they were read from, `what` is a text or a vector, and `items` were looked
    /// for.
    ///
    /// # Errors
    /// [`LockError::Items`].
    pub fn finish(self, other: &str, what: &'static str, items: usize) -> Result<(), LockError> {
        let Self { index, changed, first, .. } = self;
        let Some(first) = first else { return Ok(()) };
        Err(LockError::Items { index: index.into(), other: other.into(), what, changed, items, first })
    }
}
