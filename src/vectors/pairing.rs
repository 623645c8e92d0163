//! Which item each row of embeddings belongs to.

use std::collections::HashMap;

use crate::base::words::{counted, verb};
use crate::catalog::{Columns, Item};

/// Items in the order of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired {
    /// One item a row; one that the catalogue lacks has an id and nothing else.
    pub items: Columns,
    /// What the two files do not have in common, in a sentence, if anything.
    pub note: Option<String>,
}

/// Files that do not belong together.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PairingError {
    /// Without ids, as many rows as items are needed.
    #[error(
        "{} and {} do not belong together. Choose the two files that were made together, or embeddings with ids",
        counted(*.items, "item"),
        counted(*.rows, "embedding")
    )]
    Counts {
        /// Items of the catalogue.
        items: usize,
        /// Rows of the file.
        rows: usize,
    },
    /// Ids of which not one is an item's.
    #[error("The embeddings' ids and the items' have none in common. Choose the two files that were made together")]
    NothingInCommon,
}

/// The items that rows belong to by their ids.
///
/// # Errors
/// Not one id in common.
pub fn pair_by_id(catalogue: &Columns, ids: &[String]) -> Result<Paired, PairingError> {
    let by_id: HashMap<&str, usize> = (0..catalogue.len()).map(|i| (catalogue.id(i), i)).collect();
    let found = ids.iter().filter(|id| by_id.contains_key(id.as_str())).count();
    if found == 0 {
        return Err(PairingError::NothingInCommon);
    }
    let incomplete = found < ids.len().max(by_id.len());
    let note = incomplete.then(|| {
        let (rows, items) = (counted(ids.len(), "embedding"), counted(by_id.len(), "item"));
        format!("{} {} in both files, of {rows} and {items}.", counted(found, "item"), verb(found, "is", "are"))
    });
    let bare = |id: &String| Item { id: id.clone(), ..Item::default() };
    let items = ids.iter().map(|id| by_id.get(id.as_str()).map_or_else(|| bare(id), |&i| catalogue.get(i)));
    Ok(Paired { items: items.collect(), note })
}

/// The items that `rows` of a file of `rows_in_file` belong to by their position.
///
/// # Errors
/// Another number of items than of rows in the file.
pub fn pair_by_position(catalogue: &Columns, rows: &[usize], rows_in_file: usize) -> Result<Paired, PairingError> {
    if catalogue.len() != rows_in_file {
        return Err(PairingError::Counts { items: catalogue.len(), rows: rows_in_file });
    }
    Ok(Paired { items: rows.iter().map(|&row| catalogue.get(row)).collect(), note: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Columns {
        ["a", "b", "c"].map(|id| Item { id: id.into(), title: format!("T {id}"), ..Item::default() }).into_iter().collect()
    }

    fn titles(paired: &Paired) -> Vec<&str> {
        (0..paired.items.len()).map(|i| paired.items.title(i)).collect()
    }

    #[test]
    fn rows_find_their_items_by_id() {
        let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let all = pair_by_id(&catalogue(), &ids(&["c", "a", "b"])).unwrap();
        assert_eq!((titles(&all), all.note.as_deref()), (vec!["T c", "T a", "T b"], None));
        let some = pair_by_id(&catalogue(), &ids(&["b", "x"])).unwrap();
        assert_eq!(titles(&some), ["T b", ""]);
        assert_eq!(some.note.as_deref(), Some("1 item is in both files, of 2 embeddings and 3 items."));
        assert_eq!(pair_by_id(&catalogue(), &ids(&["x"])), Err(PairingError::NothingInCommon));
    }

    #[test]
    fn rows_find_their_items_by_position() {
        // Row 1 of the file was left out.
        assert_eq!(titles(&pair_by_position(&catalogue(), &[0, 2], 3).unwrap()), ["T a", "T c"]);
        assert_eq!(pair_by_position(&catalogue(), &[0, 1], 2), Err(PairingError::Counts { items: 3, rows: 2 }));
    }
}
