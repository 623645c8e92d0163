//! An index while it is read, whatever the file's form and whatever it is read into.

use std::collections::HashMap;

use super::index::{Index, IndexError};
use crate::base::ids::{Distinct, Seen};

/// What the items of an index are read into.
pub trait Store: Default + Sync {
    /// How an id that comes twice is found.
    type Ids: Distinct;

    /// Takes the next token of an item, by its place in the codeword and its number in the vocabulary.
    fn push(&mut self, position: usize, token: u32);

    /// Takes the id of the item whose tokens were just pushed.
    fn end(&mut self, id: &str);

    /// Takes what all items have in common: tokens in a codeword, and every different token in the order of the numbers.
    fn complete(&mut self, width: usize, vocabulary: Vec<String>);

    /// Ids with their tokens.
    fn rows(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)>;

    /// Ids alone, of a store that need not be complete.
    fn ids(&self) -> impl Iterator<Item = &str>;
}

/// What a reader of a file gives, item by item.
pub(super) trait Rows {
    /// The number of a token in the vocabulary.
    fn number(&mut self, token: &str) -> u32;

    /// Adds a token to the item that is being read.
    fn push(&mut self, number: u32);

    /// Ends the item whose tokens were just added.
    fn item(&mut self, id: &str) -> Result<(), IndexError>;
}

/// A store while it is filled: every item must be new, and have as many tokens as the first.
#[derive(Default)]
pub(super) struct Builder<S: Store> {
    store: S,
    vocabulary: Vec<String>,
    numbers: HashMap<String, u32>,
    seen: S::Ids,
    items: usize,
    /// Tokens of the first item.
    width: usize,
    /// Tokens of the item that is being read.
    found: usize,
}

impl<S: Store> Builder<S> {
    /// The whole index.
    ///
    /// # Errors
    /// It has no items, or one twice.
    pub(super) fn finish(mut self) -> Result<S, IndexError> {
        if self.items == 0 {
            return Err(IndexError::Empty);
        }
        if let Some((first, second)) = self.seen.repeated(self.store.ids()) {
            let id = self.store.ids().nth(second).unwrap_or_default().into();
            return Err(IndexError::Duplicate { id, first: first + 1, second: second + 1 });
        }
        self.store.complete(self.width, self.vocabulary);
        Ok(self.store)
    }
}

impl<S: Store> Rows for Builder<S> {
    fn number(&mut self, token: &str) -> u32 {
        if let Some(&number) = self.numbers.get(token) {
            return number;
        }
        let number = self.vocabulary.len() as u32;
        self.numbers.insert(token.to_string(), number);
        self.vocabulary.push(token.to_string());
        number
    }

    fn push(&mut self, number: u32) {
        self.store.push(self.found, number);
        self.found += 1;
    }

    fn item(&mut self, id: &str) -> Result<(), IndexError> {
        let (found, entry) = (std::mem::take(&mut self.found), self.items + 1);
        if entry == 1 {
            self.width = found;
        }
        if found == 0 {
            return Err(IndexError::NoTokens { id: id.into() });
        }
        if found != self.width {
            return Err(IndexError::Ragged { id: id.into(), found, expected: self.width });
        }
        if entry > u32::MAX as usize {
            return Err(IndexError::TooLarge);
        }
        if !self.seen.insert(id)
            && let Some(first) = self.store.ids().position(|earlier| earlier == id)
        {
            return Err(IndexError::Duplicate { id: id.into(), first: first + 1, second: entry });
        }
        self.store.end(id);
        self.items = entry;
        Ok(())
    }
}

impl Store for Index {
    type Ids = Seen;

    fn push(&mut self, _position: usize, token: u32) {
        self.tokens.push(token);
    }

    fn end(&mut self, id: &str) {
        self.ids.push(id.into());
    }

    fn complete(&mut self, width: usize, vocabulary: Vec<String>) {
        (self.width, self.vocabulary) = (width, vocabulary);
    }

    fn rows(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        let text = |&token: &u32| self.vocabulary[token as usize].as_str();
        self.ids.iter().zip(self.tokens.chunks_exact(self.width.max(1))).map(move |(id, row)| (id.as_str(), row.iter().map(text)))
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str)
    }
}
