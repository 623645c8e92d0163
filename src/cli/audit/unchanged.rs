//! Whether a catalogue has the texts that an index was made from, as its lockfile tells.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::catalog::Item;
use crate::cli::index_file::{self, Locked};
use crate::model::{PLACEHOLDER, Template};
use crate::tokens::lock::{LockError, Reads, UNKNOWN, of_text};

/// Compares the items of a catalogue with the texts of an index while they are read.
pub(super) struct Unchanged<'a> {
    name: &'a str,
    /// Template and fingerprints by id; none where no lockfile has those of texts.
    known: Option<(&'a Template, HashMap<&'a str, u32>)>,
    items: usize,
    changed: usize,
    first: Option<String>,
}

impl<'a> Unchanged<'a> {
    /// Nothing is read yet.
    pub(super) fn new(locked: &'a Locked) -> Self {
        let lock = locked.lock.as_ref().filter(|lock| lock.making.reads == Reads::Texts);
        let known = lock.and_then(|lock| {
            let fingerprints = lock.fingerprints.0.iter().copied();
            let ids = locked.index.ids.iter().map(String::as_str);
            Some((lock.making.template.as_ref()?, ids.zip(fingerprints).collect()))
        });
        Self { name: &locked.name, known, items: 0, changed: 0, first: None }
    }

    /// Looks at an item of the catalogue.
    pub(super) fn see(&mut self, id: &str, item: &Item) {
        let Some((template, fingerprints)) = &self.known else { return };
        let Some(&locked) = fingerprints.get(id).filter(|fingerprint| **fingerprint != UNKNOWN) else { return };
        self.items += 1;
        if of_text(template.text(item).as_deref().unwrap_or(PLACEHOLDER)) != locked {
            self.changed += 1;
            self.first.get_or_insert_with(|| id.into());
        }
    }

    /// Refuses a catalogue in which a text differs.
    pub(super) fn check(self, paths: &[PathBuf]) -> Result<(), LockError> {
        let Some(first) = self.first else { return Ok(()) };
        let other = paths.iter().map(|path| index_file::name(path)).collect::<Vec<_>>().join(", ");
        let (index, items, changed) = (self.name.into(), self.items, self.changed);
        Err(LockError::Items { index, other, what: "text", changed, items, first })
    }
}
