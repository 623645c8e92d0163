//! Edits as they are written, one JSON object a line, and done again.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::error::EditError;
use crate::tokens::Index;

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
}

impl Operation {
    /// The item that it names, or the first of two.
    pub fn item(&self) -> &str {
        match self {
            Self::Pin { item } | Self::Unpin { item } | Self::Reassign { item } | Self::Split { item } => item,
            Self::Merge { items } => &items[0],
        }
    }
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

/// Does the edits of a log again: neither a model nor the items are needed. `pinned` are the pinned items, before and after.
///
/// # Errors
/// [`EditError`] names the first edit that does not fit: its item is not there, or has other tokens than it had then.
pub fn replay(index: &Index, edits: &[Edit], pinned: &mut HashSet<String>) -> Result<Index, EditError> {
    let items: HashMap<&str, usize> = index.ids.iter().map(String::as_str).zip(0..).collect();
    let text = |token: &u32| index.vocabulary[*token as usize].clone();
    let mut rows: HashMap<usize, Vec<String>> = HashMap::new();
    for (line, edit) in edits.iter().enumerate().map(|(line, edit)| (line + 1, edit)) {
        let find = |id: &str| items.get(id).copied().ok_or_else(|| EditError::Unknown { id: id.into() });
        match &edit.operation {
            Operation::Pin { item } => drop(find(item).map(|_| pinned.insert(item.clone()))?),
            Operation::Unpin { item } => drop(find(item).map(|_| pinned.remove(item))?),
            _ => {}
        }
        for Move { id, before, after, .. } in &edit.moved {
            let item = find(id)?;
            let row = rows.entry(item).or_insert_with(|| index.row(item).iter().map(text).collect());
            if row != before {
                let (id, found, expected) = (id.clone(), row.concat(), before.concat());
                return Err(EditError::Moved { line, id, found, expected });
            }
            row.clone_from(after);
        }
    }
    let row = |item: usize| rows.get(&item).cloned().unwrap_or_else(|| index.row(item).iter().map(text).collect());
    Ok(Index::from_rows(index.ids.iter().enumerate().map(|(item, id)| (id.clone(), row(item))))?)
}
