//! Anyone's index in memory: any number of levels, any tokens.

use super::layout::buckets;
use crate::base::sort::ordered;

/// An index in memory, tokens interned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// Item ids in file order.
    pub ids: Vec<String>,
    /// Tokens in a codeword.
    pub width: usize,
    /// `[items][width]` numbers into [`Index::vocabulary`].
    pub tokens: Vec<u32>,
    /// Every different token, in order of first appearance.
    pub vocabulary: Vec<String>,
}

/// A file that is not an index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Not JSON, cut short, or not readable.
    #[error("not a readable index: {0}. An index is one JSON object {{\"item id\": [\"<a_12>\", …], …}}")]
    Json(#[from] serde_json::Error),
    /// Readable, but the system failed.
    #[error("cannot read the index: {0}")]
    Io(#[from] std::io::Error),
    /// No items.
    #[error("the index has no items: it is an empty object")]
    Empty,
    /// The same id again.
    #[error("item «{id}» appears twice (as entries {first} and {second}): an index has each item once")]
    Duplicate {
        /// The id.
        id: String,
        /// Number of its first entry, from 1.
        first: usize,
        /// Number of its second.
        second: usize,
    },
    /// Codewords of different lengths.
    #[error("item «{id}» has {found} tokens, the items before it have {expected}: every item needs as many")]
    Ragged {
        /// The id.
        id: String,
        /// Its number of tokens.
        found: usize,
        /// That of the others.
        expected: usize,
    },
    /// An empty codeword.
    #[error("item «{id}» has no tokens: drop it, or tokenize it")]
    NoTokens {
        /// The id.
        id: String,
    },
    /// The value of an item is not a list of tokens.
    #[error("item «{id}» has {found}, expected a list of tokens (strings or whole numbers)")]
    NotTokens {
        /// The id.
        id: String,
        /// What was there.
        found: String,
    },
    /// A Parquet file that cannot be read, or is no index.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] crate::tables::TableError),
    /// Over 2³² tokens or items.
    #[error("the index has over 4,294,967,295 items: split it")]
    TooLarge,
}

impl Index {
    /// Number of items.
    pub fn items(&self) -> usize {
        self.ids.len()
    }

    /// Codeword of one item, as numbers into the vocabulary.
    pub fn row(&self, item: usize) -> &[u32] {
        &self.tokens[item * self.width..(item + 1) * self.width]
    }

    /// Items ordered by codeword; items of one codeword lie together, in file order.
    pub fn sorted(&self) -> Vec<u32> {
        ordered(self.items(), &|a, b| self.row(a).cmp(self.row(b)))
    }

    /// `[items]` how many items have this item's codeword, itself included.
    pub fn buckets(&self) -> Vec<u32> {
        buckets(&self.sorted(), &|a, b| self.row(a) == self.row(b))
    }
}
