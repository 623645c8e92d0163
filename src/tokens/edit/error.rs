//! Edits that cannot be done.

use crate::tokens::{IndexError, TokensError};

/// Why an edit cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// An id that the index lacks.
    #[error("the index has no item «{id}»: give ids as they are in the index")]
    Unknown {
        /// The id.
        id: String,
    },
    /// An item whose text or vector was not among the input.
    #[error("item «{id}» would move, and is not in the input: give the catalogue or the embeddings that the index was made from")]
    NoLatent {
        /// The id.
        id: String,
    },
    /// A pinned item would have to move.
    #[error("item «{id}» is pinned: --unpin it first")]
    Pinned {
        /// The id.
        id: String,
    },
    /// Both items of a merge are pinned, or have the same codeword.
    #[error("«{first}» and «{second}» cannot be merged: {why}")]
    Merge {
        /// The first item.
        first: String,
        /// The second item.
        second: String,
        /// Why not.
        why: &'static str,
    },
    /// A log that is of another index.
    #[error(
        "edit {line} of the log moves «{id}» from {expected}, and it has {found}: replay a log on the index that it was begun with"
    )]
    Moved {
        /// Number of the edit, from 1.
        line: usize,
        /// The item.
        id: String,
        /// Tokens that it has.
        found: String,
        /// Tokens that it had.
        expected: String,
    },
    /// A log whose codewords are of different lengths.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The collision policy failed.
    #[error(transparent)]
    Tokens(#[from] TokensError),
}
