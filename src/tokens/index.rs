//! Index files of any tokenizer in memory, with any number of positions and any tokens.

use super::layout::bucket_sizes_of_items;
use crate::base::sort::ordered;
use crate::base::words::counted;

/// An index in memory. Tokens are numbers, one for each different text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Index {
    /// Item ids in file order.
    pub ids: Vec<String>,
    /// Number of tokens in a codeword.
    pub width: usize,
    /// `[items][width]` tokens as indices into [`Index::vocabulary`].
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
    /// The file could not be read.
    #[error("cannot read the index: {0}")]
    Io(#[from] std::io::Error),
    /// No items.
    #[error("the index has no items: it is an empty object")]
    Empty,
    /// An id that appears twice.
    #[error("item «{id}» appears twice (as entries {first} and {second}): an index has each item once")]
    Duplicate {
        /// The id.
        id: String,
        /// Number of its first entry, from 1.
        first: usize,
        /// Number of its second entry.
        second: usize,
    },
    /// Codewords of different lengths.
    #[error("item «{id}» has {}, the items before it have {expected}: every item needs the same number", counted(*.found, "token"))]
    Ragged {
        /// The id.
        id: String,
        /// Its number of tokens.
        found: usize,
        /// Number of tokens of the items before it.
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
        /// What the file has instead.
        found: String,
    },
    /// A Parquet file that cannot be read or is not an index.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] crate::tables::TableError),
    /// Over 2³² − 1 items.
    #[error("the index has over 4,294,967,295 items: split it")]
    TooLarge,
}

impl Index {
    /// Number of items.
    pub fn items(&self) -> usize {
        self.ids.len()
    }

    /// `[width]` codeword of one item, as indices into the vocabulary.
    pub fn row(&self, item: usize) -> &[u32] {
        &self.tokens[item * self.width..(item + 1) * self.width]
    }

    /// The items whose ids `keep` chooses, with the same numbers of tokens.
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let kept = (0..self.items()).filter(|&item| keep(&self.ids[item]));
        let mut chosen = Self { width: self.width, vocabulary: self.vocabulary.clone(), ..Self::default() };
        for item in kept {
            chosen.ids.push(self.ids[item].clone());
            chosen.tokens.extend_from_slice(self.row(item));
        }
        chosen
    }

    /// `[items]` items ordered by codeword; items of one codeword keep the order of the file.
    pub fn sorted(&self) -> Vec<u32> {
        ordered(self.items(), &|a, b| self.row(a).cmp(self.row(b)))
    }

    /// `[items]` size of each item's bucket: how many items have its codeword.
    pub fn bucket_sizes_of_items(&self) -> Vec<u32> {
        bucket_sizes_of_items(&self.sorted(), &|a, b| self.row(a) == self.row(b))
    }

    /// The items of each codeword, from `order` as [`Index::sorted`] gives it.
    pub fn buckets<'a>(&'a self, order: &'a [u32]) -> impl Iterator<Item = &'a [u32]> {
        order.chunk_by(|&a, &b| self.row(a as usize) == self.row(b as usize))
    }
}
