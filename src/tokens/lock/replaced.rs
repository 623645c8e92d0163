//! An index that is written over: whoever uses it would read other items by its tokens.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Serialize;

use super::beside::{Locked, ReadError};
use super::file::Lock;
use super::making::{Difference, Making};
use super::mismatch::LockError;
use super::retired::{Owners, Retired};
use crate::base::words::{counted, verb};
use crate::tokens::{Index, Store};

/// The index where another is to be written.
pub struct Replaced {
    locked: Locked,
    /// In what the other is made otherwise.
    difference: Option<Difference>,
    /// Whether it is known what the other is made of.
    is_known: bool,
}

/// What becomes of the items of an index that is written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Items that it had.
    pub items: usize,
    /// Those that have other tokens now.
    pub moved: usize,
    /// Those that the new index lacks.
    pub gone: usize,
    /// Retired codewords that went to other items than those that left them.
    pub passed_on: usize,
}

/// Why an index is not written over where no item may move.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// It cannot be read, or its lockfile is not its own.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What its tokens mean is not known.
    #[error("{index} has no lockfile, so nobody knows what its tokens mean: restore {index}.lock, {advice}")]
    Unlocked {
        /// Its name.
        index: String,
        /// What else to do.
        advice: &'static str,
    },
    /// What the tokens of the new one mean is not known.
    #[error("{index} has a lockfile and what is to take its place has none, so nobody would know what its tokens mean: {advice}")]
    Unknown {
        /// Its name.
        index: String,
        /// What to do.
        advice: &'static str,
    },
    /// Its tokens were made otherwise, and mean something else.
    #[error(transparent)]
    Made(LockError),
    /// Items would have other tokens, or be gone.
    #[error("{index} is to be written over, and {changes}: {advice}. Nothing was written")]
    Moves {
        /// Its name.
        index: String,
        /// What would become of its items.
        changes: Changes,
        /// What to do.
        advice: &'static str,
    },
}

impl Replaced {
    /// The index where one made as `now` says, if that is known, is to be written. A tokenizer that `extends` the one with a hash
    /// gives the same tokens.
    pub fn new(locked: Locked, now: Option<&Making>, extends: impl Fn(&str) -> bool) -> Self {
        let before = locked.lock.as_ref().map(|lock| &lock.making);
        let mut found = before.zip(now).map_or_else(Vec::new, |(before, now)| before.differences(now));
        found.retain(|found| found.artefact != "tokenizer" || !before.is_some_and(|before| extends(&before.tokenizer.sha256)));
        Self { difference: found.into_iter().next(), is_known: now.is_some(), locked }
    }

    /// What the new one is made of: what its vectors do not say of their texts is taken to be as before, if its tokens mean the same.
    pub fn making(&self, now: Making) -> Making {
        match self.lock() {
            Some(lock) => lock.making.clone().overridden_by(now),
            None => now,
        }
    }

    /// What there is to say of the new one, called `other`, if that is so.
    pub fn unknown_text(&self, now: &Making, other: &str) -> Option<String> {
        let lock = self.lock().filter(|_| now.text_model.is_none())?;
        lock.making.unknown_text(&self.locked.name, other)
    }

    /// What becomes of its items if `new` ones with their tokens take their place; and its retired codewords that nobody gets.
    pub fn compare<'a>(&self, new: impl Iterator<Item = (&'a str, Vec<String>)>) -> (Changes, Vec<Retired>) {
        let (index, retired) = (&self.locked.index, self.retired());
        let (before, owners) = (numbers(index), Owners::new(retired));
        let mut changes = Changes { items: index.items(), moved: 0, gone: index.items(), passed_on: 0 };
        let (mut used, mut lost) = (HashSet::new(), HashSet::new());
        for (id, tokens) in new {
            if let Some(&before) = before.get(id) {
                changes.gone -= 1;
                changes.moved += usize::from(!stays(index, before, &tokens));
            }
            if owners.lose(&tokens, id) {
                lost.insert(tokens);
            } else if owners.have(&tokens) {
                used.insert(tokens);
            }
        }
        // What its owner has again is not passed on to those that share it.
        changes.passed_on = lost.difference(&used).count();
        used.extend(lost);
        (changes, retired.iter().filter(|codeword| !used.contains(&codeword.tokens)).cloned().collect())
    }

    /// Its pinned items that keep their tokens.
    pub fn pinned<'a>(&self, new: impl Iterator<Item = (&'a str, Vec<String>)>) -> Vec<String> {
        let (index, pinned) = (&self.locked.index, self.lock().map_or(&[][..], |lock| &lock.pinned));
        let before = if pinned.is_empty() { HashMap::new() } else { numbers(index) };
        let is_pinned = |id: &str| pinned.binary_search_by(|pinned| pinned.as_str().cmp(id)).is_ok();
        let kept = new.filter(|(id, tokens)| is_pinned(id) && before.get(id).is_some_and(|&item| stays(index, item, tokens)));
        let mut kept: Vec<String> = kept.map(|(id, _)| id.into()).collect();
        kept.sort_unstable();
        kept
    }

    /// What becomes of its items where `index` takes its place. What its lockfile keeps for them goes on in `lock`, that of `index`:
    /// retired codewords that nobody has, and the pins that `stays` does not refuse.
    pub fn carry_over(&self, index: &Index, lock: Option<&mut Lock>, stays: impl Fn(&str) -> bool) -> Changes {
        let rows = || index.rows().map(|(id, tokens)| (id, tokens.map(String::from).collect()));
        let (changes, retired) = self.compare(rows());
        if let Some(lock) = lock {
            lock.keep(retired, self.pinned(rows()).into_iter().filter(|id| stays(id)).collect());
        }
        changes
    }

    /// Refuses tokens that mean something else, or of which nobody knows what they mean.
    ///
    /// # Errors
    /// The makings differ; or one of the two indexes has no lockfile.
    pub fn ensure_alike(&self, other: &str, advice: &'static str) -> Result<(), ReplaceError> {
        let index = || self.locked.name.clone();
        match (&self.locked.lock, self.is_known, &self.difference) {
            (None, true, _) => Err(ReplaceError::Unlocked { index: index(), advice }),
            (Some(_), false, _) => Err(ReplaceError::Unknown { index: index(), advice }),
            (_, _, Some(difference)) => Err(ReplaceError::Made(self.locked.differs(other, difference.clone(), advice))),
            _ => Ok(()),
        }
    }

    /// Refuses changes.
    ///
    /// # Errors
    /// There are some.
    pub fn ensure_unmoved(&self, changes: Changes, advice: &'static str) -> Result<(), ReplaceError> {
        let index = || self.locked.name.clone();
        if changes.is_none() { Ok(()) } else { Err(ReplaceError::Moves { index: index(), changes, advice }) }
    }

    /// What its users have to know.
    pub fn warnings(&self, changes: &Changes) -> Vec<String> {
        let name = &self.locked.name;
        let moved = || format!("{name} is written over, and {changes}: whoever has its earlier tokens reads other items by them");
        let unlocked = || {
            format!(
                "{name} is written over by an index without a lockfile, so its own goes, and with it what its tokens mean, pinned items and \
                 retired codewords"
            )
        };
        let forgets = self.locked.lock.is_some() && !self.is_known;
        (!changes.is_none()).then(moved).into_iter().chain(forgets.then(unlocked)).collect()
    }

    /// Its lockfile, if its tokens mean what those of the new one do.
    fn lock(&self) -> Option<&Lock> {
        self.locked.lock.as_ref().filter(|_| self.difference.is_none())
    }

    fn retired(&self) -> &[Retired] {
        self.lock().map_or(&[], |lock| &lock.retired)
    }
}

/// Numbers of items by their ids.
fn numbers(index: &Index) -> HashMap<&str, usize> {
    index.ids.iter().map(String::as_str).zip(0..).collect()
}

/// Whether an item has these tokens.
fn stays(index: &Index, item: usize, tokens: &[String]) -> bool {
    index.row(item).iter().map(|&token| &index.vocabulary[token as usize]).eq(tokens)
}

impl ReplaceError {
    /// Whether nobody knows if items would move.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Read(_) | Self::Unlocked { .. } | Self::Unknown { .. })
    }
}

impl Changes {
    /// Whether every item keeps its tokens.
    pub fn is_none(&self) -> bool {
        self.moved + self.gone + self.passed_on == 0
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { items, moved, gone, passed_on } = self;
        write!(
            f,
            "of its {} {moved} {} other tokens and {gone} {} gone",
            counted(*items, "item"),
            verb(*moved, "has", "have"),
            verb(*gone, "is", "are")
        )?;
        if *passed_on > 0 {
            write!(f, ", {} {} other items' now", counted(*passed_on, "retired codeword"), verb(*passed_on, "is", "are"))
        } else {
            Ok(())
        }
    }
}
