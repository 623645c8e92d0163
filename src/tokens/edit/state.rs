//! An index while it is edited, with what its lockfile knows of its items.

use std::collections::{BTreeSet, HashMap};

use super::error::EditError;
use super::operation::{Edit, Move, Operation, Removed};
use super::stamp::Stamp;
use crate::tokens::Index;
use crate::tokens::lock::{Fingerprints, Lock, Retired, Sum, UNKNOWN, retire, sum};

/// An index to which edits are done one by one. Items keep their numbers, also when others are removed.
pub struct State {
    index: Index,
    /// Number of each item that is there, by id.
    items: HashMap<String, usize>,
    /// Number of each token.
    numbers: HashMap<String, u32>,
    /// How many items have a codeword.
    uses: HashMap<Vec<u32>, usize>,
    fingerprints: Vec<u32>,
    pinned: BTreeSet<String>,
    retired: Vec<Retired>,
}

impl State {
    /// An index with its lockfile, if it has one.
    pub fn new(index: Index, lock: Option<&Lock>) -> Self {
        let items = index.ids.iter().cloned().zip(0..).collect();
        let numbers = index.vocabulary.iter().cloned().zip(0..).collect();
        let mut uses = HashMap::new();
        (0..index.items()).for_each(|item| *uses.entry(index.row(item).to_vec()).or_default() += 1);
        let fingerprints = lock.map_or_else(|| vec![UNKNOWN; index.items()], |lock| lock.fingerprints.0.clone());
        let pinned = lock.iter().flat_map(|lock| lock.pinned.iter().cloned()).collect();
        let retired = lock.map(|lock| lock.retired.clone()).unwrap_or_default();
        Self { index, items, numbers, uses, fingerprints, pinned, retired }
    }

    /// The number of an item.
    ///
    /// # Errors
    /// [`EditError::Unknown`].
    pub fn item(&self, id: &str) -> Result<usize, EditError> {
        self.items.get(id).copied().ok_or_else(|| EditError::Unknown { id: id.into() })
    }

    /// The id of an item.
    pub fn id(&self, item: usize) -> &str {
        &self.index.ids[item]
    }

    /// Number of items, those included that were removed.
    pub fn numbered(&self) -> usize {
        self.index.items()
    }

    /// Whether an item is there.
    pub fn is_there(&self, item: usize) -> bool {
        self.items.contains_key(self.id(item))
    }

    /// Whether an item is pinned.
    pub fn is_pinned(&self, item: usize) -> bool {
        self.pinned.contains(self.id(item))
    }

    /// Refuses a pinned item.
    ///
    /// # Errors
    /// [`EditError::Pinned`].
    pub fn ensure_free(&self, item: usize) -> Result<(), EditError> {
        if self.is_pinned(item) { Err(EditError::Pinned { id: self.id(item).into() }) } else { Ok(()) }
    }

    /// The items that have the tokens of this one, itself included.
    pub fn bucket(&self, item: usize) -> Vec<usize> {
        let row = self.index.row(item);
        (0..self.numbered()).filter(|&other| self.index.row(other) == row && self.is_there(other)).collect()
    }

    /// How many other items have the tokens of this one.
    pub fn sharing(&self, item: usize) -> usize {
        self.uses.get(self.index.row(item)).map_or(0, |uses| uses - 1)
    }

    /// How many others have the tokens of the first item that an edit names, now that it is done; none of items that left.
    ///
    /// # Errors
    /// [`EditError::Unknown`].
    pub fn sharing_of(&self, edit: &Edit) -> Result<usize, EditError> {
        match edit.operation.items().first().filter(|_| edit.removed.is_empty()) {
            Some(id) => Ok(self.sharing(self.item(id)?)),
            None => Ok(0),
        }
    }

    /// Codewords that no item has any more.
    pub fn retired(&self) -> &[Retired] {
        &self.retired
    }

    /// What tells this state from others.
    pub fn stamp(&self) -> Stamp {
        Stamp::new(&self.sum(), self.pinned.iter().map(String::as_str), &self.retired)
    }

    /// The edit that does `operation`, which must be one that moves no item.
    ///
    /// # Errors
    /// An item is not there, or is pinned and would be removed; or none would be left.
    pub fn priced(&self, operation: Operation) -> Result<Edit, EditError> {
        let mut removed = Vec::new();
        if let Operation::Remove { items } = &operation {
            let named: BTreeSet<usize> = items.iter().map(|id| self.item(id)).collect::<Result<_, _>>()?;
            named.iter().try_for_each(|&item| self.ensure_free(item))?;
            if named.len() == self.items.len() {
                return Err(EditError::Empty);
            }
            removed.extend(named.into_iter().map(|item| Removed { id: self.id(item).into(), before: self.tokens(item) }));
        }
        let mut edit = Edit { operation, added_distortion: 0.0, sharing: 0, moved: Vec::new(), removed };
        edit.sharing = self.sharing_of(&edit)?;
        Ok(edit)
    }

    /// Does an edit.
    ///
    /// # Errors
    /// [`EditError`]: an item is not there, is pinned, or has other tokens than the edit says. Some items may have moved then.
    pub fn apply(&mut self, edit: &Edit) -> Result<(), EditError> {
        match &edit.operation {
            Operation::Pin { item } => drop(self.item(item).map(|_| self.pinned.insert(item.clone()))?),
            Operation::Unpin { item } => drop(self.item(item).map(|_| self.pinned.remove(item))?),
            _ => {}
        }
        let mut left = Vec::new();
        for Move { id, before, after, .. } in &edit.moved {
            let item = self.vacate(id, before, &mut left)?;
            self.occupy(item, after)?;
        }
        for Removed { id, before } in &edit.removed {
            self.vacate(id, before, &mut left)?;
            self.items.remove(id);
        }
        let Self { numbers, uses, retired, .. } = self;
        if !left.is_empty() {
            retire(retired, left, |tokens| {
                let row: Option<Vec<u32>> = tokens.iter().map(|token| numbers.get(token).copied()).collect();
                row.is_some_and(|row| uses.contains_key(&row))
            });
        }
        Ok(())
    }

    /// The index as it is now, and what its lockfile says then.
    pub fn finish(self, lock: Option<Lock>) -> (Index, Option<Lock>) {
        let kept: Vec<bool> = (0..self.numbered()).map(|item| self.is_there(item)).collect();
        let lock = lock.map(|lock| {
            let fingerprints = self.fingerprints.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(&print, _)| print).collect();
            let (sum, ids) = (self.sum(), self.index.ids.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(id, _)| id.as_str()));
            let (pinned, retired) = (self.pinned.iter().cloned().collect(), self.retired.clone());
            Lock { pinned, retired, ..lock.with_items(sum, ids, Fingerprints(fingerprints)) }
        });
        let index = if kept.iter().all(|kept| *kept) { self.index } else { self.index.only(|id| self.items.contains_key(id)) };
        (index, lock)
    }

    /// Tokens of an item.
    pub fn tokens(&self, item: usize) -> Vec<String> {
        self.index.row(item).iter().map(|&token| self.index.vocabulary[token as usize].clone()).collect()
    }

    fn sum(&self) -> Sum {
        let there = (0..self.numbered()).filter(|&item| self.is_there(item));
        let text = |&token: &u32| self.index.vocabulary[token as usize].as_str();
        sum(there.map(|item| (self.id(item), self.index.row(item).iter().map(text))))
    }

    /// Takes an item from its codeword, which must be `before`.
    fn vacate(&mut self, id: &str, before: &[String], left: &mut Vec<Retired>) -> Result<usize, EditError> {
        let item = self.item(id)?;
        self.ensure_free(item)?;
        let tokens = self.tokens(item);
        if tokens != before {
            return Err(EditError::Moved { id: id.into(), found: tokens.concat(), expected: before.concat() });
        }
        let row = self.index.row(item);
        if let Some(uses) = self.uses.get_mut(row) {
            *uses -= 1;
            if *uses == 0 {
                self.uses.remove(row);
            }
        }
        left.push(Retired { item: id.into(), tokens, fingerprint: self.fingerprints[item] });
        Ok(item)
    }

    /// Gives an item that has none a codeword.
    fn occupy(&mut self, item: usize, tokens: &[String]) -> Result<(), EditError> {
        let width = self.index.width;
        if tokens.len() != width {
            return Err(EditError::Width { id: self.id(item).into(), found: tokens.len(), expected: width });
        }
        for (place, token) in tokens.iter().enumerate() {
            let known = self.numbers.get(token).copied();
            let number = known.unwrap_or_else(|| {
                let number = self.index.vocabulary.len() as u32;
                self.index.vocabulary.push(token.clone());
                self.numbers.insert(token.clone(), number);
                number
            });
            self.index.tokens[item * width + place] = number;
        }
        *self.uses.entry(self.index.row(item).to_vec()).or_default() += 1;
        Ok(())
    }
}
