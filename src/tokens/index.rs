//! Reading anyone's index file: `{"item id": ["token", …], …}`, any number of levels, any tokens.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};

use serde::Deserializer as _;

use super::parse::{Builder, IndexVisitor};
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
    Columnar(#[from] crate::tables::ColumnarError),
    /// Over 2³² tokens or items.
    #[error("the index has over 4,294,967,295 items: split it")]
    TooLarge,
}

impl Index {
    /// Reads an index as a stream; memory is that of the index itself.
    ///
    /// # Errors
    /// [`IndexError`], naming the item, or line and column where there is no JSON.
    pub fn read(input: impl Read) -> Result<Self, IndexError> {
        let mut input = BufReader::new(input);
        if input.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
            input.consume(3);
        }
        Self::parse(serde_json::Deserializer::from_reader(input))
    }

    /// Reads an index that is at hand as text.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn from_text(text: &str) -> Result<Self, IndexError> {
        Self::parse(serde_json::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }

    fn parse<'de, R: serde_json::de::Read<'de>>(mut json: serde_json::Deserializer<R>) -> Result<Self, IndexError> {
        let fault = RefCell::new(None);
        let read = json.deserialize_map(IndexVisitor { fault: &fault }).and_then(|index| json.end().map(|()| index));
        // A fault of content ended the parser with an error of its own, which says less.
        if let Some(fault) = fault.into_inner() {
            return Err(fault);
        }
        match read {
            Ok(index) if index.ids.is_empty() => Err(IndexError::Empty),
            Ok(index) => Ok(index),
            Err(error) if error.is_io() => Err(IndexError::Io(error.into())),
            Err(error) => Err(IndexError::Json(error)),
        }
    }

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

    /// Builds an index from codewords in memory.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn from_rows<S: Into<String>>(rows: impl IntoIterator<Item = (S, Vec<String>)>) -> Result<Self, IndexError> {
        let mut builder = Builder::default();
        for (id, tokens) in rows {
            tokens.into_iter().for_each(|token| builder.token(&token));
            builder.item(id.into())?;
        }
        if builder.index.ids.is_empty() { Err(IndexError::Empty) } else { Ok(builder.index) }
    }
}
