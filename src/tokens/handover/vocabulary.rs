//! The tokens that a decoder must learn, and their numbers.

use std::collections::{BTreeSet, HashMap};

use super::earlier::Earlier;
use super::error::HandoverError;
use super::sorted::Sorted;
use crate::tokens::{Columns, letters};

/// Every token that an index has or its tokenizer could give, in the order of their numbers: sorted, but for an earlier hand-over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    tokens: Vec<String>,
}

impl Vocabulary {
    /// The tokens of an index, where `sizes` is `[width]` the vocabulary size of each position. Where a position has `<a_0>` and
    /// the like, it has all of them up to its size: items that are added later need no new ones. Those of an `earlier` hand-over come
    /// first, with the numbers that they have there.
    pub fn new(index: &Columns, sizes: &[usize], earlier: Option<&Earlier>) -> Self {
        let mut tokens: BTreeSet<String> = index.vocabulary.iter().cloned().collect();
        for (position, &size) in sizes.iter().enumerate() {
            let letters = letters(position);
            let named: BTreeSet<String> = (0..size).map(|number| format!("<{letters}_{number}>")).collect();
            let mut used = index.vocabulary.iter().zip(index.used(position)).filter(|(_, used)| *used);
            if used.all(|(token, _)| named.contains(token)) {
                tokens.extend(named);
            }
        }
        let known = earlier.map_or([].as_slice(), Earlier::tokens);
        for token in known {
            tokens.remove(token);
        }
        Self { tokens: known.iter().cloned().chain(tokens).collect() }
    }

    /// The tokens, in the order of their numbers.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The codewords of an index in sorted order.
    pub(super) fn sorted(&self, index: Columns) -> Result<Sorted, HandoverError> {
        let by_text: HashMap<&str, u32> = self.tokens.iter().map(String::as_str).zip(0..).collect();
        let numbers: Vec<u32> = index.vocabulary.iter().map(|token| by_text[token.as_str()]).collect();
        Sorted::new(index, &numbers, self.tokens.len())
    }
}
