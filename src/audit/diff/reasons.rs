//! Why items moved, as far as the lockfiles of both indexes tell.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;
use crate::tokens::lock::{Difference, Lock, UNKNOWN};

/// The reason of an item that moved though nothing else changed: other items came or went, and the collision policy, a new
/// search or an edit gave it another place.
const PLACE: &str = "place";
/// The reason of an item that itself has changed.
const ITEM: &str = "text";

/// How many items moved for a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What differs between the two indexes, joined by `+` where it is several things at once: `tokenizer`, `layout`, …; `text`
    /// where the item's own text or vector differs; `place` where nothing does, and the item only made room for others.
    pub reason: String,
    /// Items that moved for it.
    pub moved: usize,
}

/// Tells the reason of each move.
pub struct Reasons<'a> {
    locks: (&'a Lock, &'a Lock),
    differences: Vec<Difference>,
    /// Names of the differences.
    common: String,
    /// Whether fingerprints of both are of the same thing, so that they can be compared.
    comparable: bool,
}

impl<'a> Reasons<'a> {
    /// Of the lockfiles of the first index and of the second.
    pub fn new(before: &'a Lock, after: &'a Lock) -> Self {
        let differences = before.making.differences(&after.making);
        let names: Vec<&str> = differences.iter().map(|difference| difference.artefact).collect();
        let comparable = before.making.reads == after.making.reads && before.making.template == after.making.template;
        Self { locks: (before, after), common: names.join("+"), differences, comparable }
    }

    /// In what the makings of both indexes differ.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// Why the item with these numbers moved.
    pub fn of(&self, before: u32, after: u32) -> String {
        let [old, new] = [(self.locks.0, before), (self.locks.1, after)]
            .map(|(lock, item)| lock.fingerprints.0.get(item as usize).copied().unwrap_or(UNKNOWN));
        let changed = self.comparable && old != new && old != UNKNOWN && new != UNKNOWN;
        match (self.common.as_str(), changed) {
            ("", true) => ITEM.into(),
            ("", false) => PLACE.into(),
            (common, true) => format!("{common}+{ITEM}"),
            (common, false) => common.into(),
        }
    }

    /// How many items of `changes` moved for each reason, the most frequent first.
    pub fn count(&self, changes: &[Change]) -> Vec<Reason> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for change in changes {
            if let Change::Moved { before, after, .. } = *change {
                *counts.entry(self.of(before, after)).or_default() += 1;
            }
        }
        let mut reasons: Vec<Reason> = counts.into_iter().map(|(reason, moved)| Reason { reason, moved }).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.moved));
        reasons
    }
}
