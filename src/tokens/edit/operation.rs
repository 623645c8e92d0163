//! What can be done to an index, and what became of it.

use serde::{Deserialize, Serialize};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "edit", deny_unknown_fields)]
pub enum Operation {
    /// An item keeps its tokens, whatever later edits do.
    Pin {
        /// The item.
        item: String,
    },
    /// It no longer does.
    Unpin {
        /// The item.
        item: String,
    },
    /// An item gets the free codeword that adds least distortion.
    Reassign {
        /// The item.
        item: String,
    },
    /// The items of a codeword get one each.
    Split {
        /// One of its items.
        item: String,
    },
    /// The items of two codewords get one of them.
    Merge {
        /// An item of each.
        items: [String; 2],
    },
    /// Items leave the index.
    Remove {
        /// The items.
        items: Vec<String>,
    },
}

impl Operation {
    /// The items that it names.
    pub fn items(&self) -> &[String] {
        match self {
            Self::Pin { item } | Self::Unpin { item } | Self::Reassign { item } | Self::Split { item } => {
                std::slice::from_ref(item)
            }
            Self::Merge { items } => items,
            Self::Remove { items } => items,
        }
    }

    /// Whether it gives items other tokens, for which the tokenizer and what it reads of them are needed.
    pub fn moves(&self) -> bool {
        matches!(self, Self::Reassign { .. } | Self::Split { .. } | Self::Merge { .. })
    }
}

/// What became of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// What was to be done.
    #[serde(flatten)]
    pub operation: Operation,
    /// Sum over the moved items of the increase of `‖z − E(z)‖²`, with the top expert's E; below zero where they are nearer to
    /// their texts now.
    pub added_distortion: f64,
    /// Items that share their tokens with the named one afterwards: more than none after a split if no place was free.
    pub sharing: usize,
    /// The items that moved.
    pub moved: Vec<Move>,
    /// The items that left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Removed>,
}

/// An item that moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Move {
    /// Its id.
    pub id: String,
    /// Tokens that it had.
    pub before: Vec<String>,
    /// Tokens that it has.
    pub after: Vec<String>,
    /// `‖z − E(z)‖²` before.
    pub distortion_before: f64,
    /// `‖z − E(z)‖²` after.
    pub distortion_after: f64,
}

/// An item that left the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    /// Its id.
    pub id: String,
    /// Tokens that it had.
    pub before: Vec<String>,
}
