//! Identifiers of one length, each unique by a number at its end.

use std::collections::HashMap;

use crate::tokens::{Index, IndexError};

/// Stands where an identifier is shorter than the longest.
const PAD: &str = "<pad>";

/// The index of items and their identifiers: cut or filled up to `width` tokens, then a number, from 0 in order of the items,
/// that tells those apart which agree until there.
///
/// # Errors
/// No items, or an id that appears twice.
pub(super) fn numbered(items: impl IntoIterator<Item = (String, Vec<String>)>, width: usize) -> Result<Index, IndexError> {
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    Index::from_rows(items.into_iter().map(|(id, mut tokens)| {
        tokens.resize(width, PAD.into());
        let number = seen.entry(tokens.clone()).or_default();
        tokens.push(format!("<n_{number}>"));
        *number += 1;
        (id, tokens)
    }))
}
