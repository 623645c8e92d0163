//! Edits that cannot be done, and logs that cannot be.

use super::stamp::Stamp;
use crate::base::words::counted;
use crate::tokens::{ForeignToken, IndexError, TokensError};

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
    /// A pinned item would have to move or to leave.
    #[error("item «{id}» is pinned: --unpin it first")]
    Pinned {
        /// The id.
        id: String,
    },
    /// No item would be left.
    #[error("no item would be left, and an index has one at least: remove the file instead")]
    Empty,
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
    /// An item has other tokens than an edit begins with.
    #[error("it takes «{id}» from {expected}, and it has {found}: replay a log on the index that it was begun with")]
    Moved {
        /// The item.
        id: String,
        /// Tokens that it has.
        found: String,
        /// Tokens that it had.
        expected: String,
    },
    /// An item is given a codeword of another length.
    #[error("it gives «{id}» {}, and the items of the index have {expected}: the log was changed, restore it", counted(*.found, "token"))]
    Width {
        /// The item.
        id: String,
        /// Tokens of the edit.
        found: usize,
        /// Tokens of an item.
        expected: usize,
    },
    /// An edit leads to another crowd than it says.
    #[error(
        "«{id}» shares its tokens with {} afterwards, and it says {expected}: the log was changed, or is of another index", counted(*.found, "other item")
    )]
    Sharing {
        /// The item.
        id: String,
        /// Others with its tokens.
        found: usize,
        /// Those of the edit.
        expected: usize,
    },
    /// An edit of a log does not fit.
    #[error("line {line}: {source}")]
    Step {
        /// Its line, from 1.
        line: usize,
        /// Why.
        source: Box<EditError>,
    },
    /// The edits of a run lead elsewhere than they did.
    #[error("line {line}: the edits after it lead to {found}, and it says {expected}: the log was changed, restore it")]
    Result {
        /// Its line, from 1.
        line: usize,
        /// The index that they lead to.
        found: Stamp,
        /// The index that they led to.
        expected: Stamp,
    },
    /// A token that the tokenizer does not have.
    #[error(transparent)]
    Foreign(#[from] ForeignToken),
    /// Codewords that are no index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The collision policy failed.
    #[error(transparent)]
    Tokens(#[from] TokensError),
}

/// A file that is no log, or not a whole one.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A line of something else.
    #[error("line {line}: not an edit ({source})")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// An edit without the line that says of which index it is.
    #[error("line {line}: an edit without the line before it that says of which index it is: restore the log, or begin another")]
    Headless {
        /// Its number, from 1.
        line: usize,
    },
    /// Runs that do not go on from each other.
    #[error("line {line}: it begins with {from}, what is before it ends with {before}: restore the log")]
    Gap {
        /// The line.
        line: usize,
        /// Where it begins.
        from: Stamp,
        /// Where what is before it ends.
        before: Stamp,
    },
    /// A log that was cut.
    #[error("line {line}: {missing} of the edits after it are missing: restore the log")]
    Short {
        /// The line that announces them.
        line: usize,
        /// How many.
        missing: usize,
    },
}
