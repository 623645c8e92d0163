//! Embeddings of items.

use std::collections::HashMap;

use wasm_bindgen::prelude::*;

use super::Items;
use crate::catalog::Item;
use crate::embeddings::{BadRows, ReadOptions, from_bytes};
use crate::web::error::fault;

/// Embeddings in memory, `[rows][width]`.
#[wasm_bindgen]
pub struct Vectors {
    values: Vec<f32>,
    width: usize,
    /// Row of the file that each came from.
    source: Vec<usize>,
    /// Rows of the file.
    rows_in_file: usize,
    ids: Option<Vec<String>>,
    notes: Vec<String>,
}

#[wasm_bindgen]
impl Vectors {
    /// Reads `.npy` or safetensors; `name` is for the messages, `ids` the text of an `ids.txt`.
    ///
    /// With `lenient`, rows that are NaN, infinite or zero are left out and counted.
    ///
    /// # Errors
    /// Damaged files, other shapes than a matrix, bad rows.
    pub fn parse(bytes: Vec<u8>, name: &str, lenient: bool, ids: Option<String>) -> Result<Self, JsValue> {
        let bad_rows = if lenient { BadRows::Drop } else { BadRows::Stop };
        let mut reader = from_bytes(&bytes, name, ReadOptions { width: None, bad_rows }).map_err(fault)?;
        if let Some(ids) = ids {
            reader.set_ids_text(&ids).map_err(fault)?;
        }
        let chunk = reader.read_all().map_err(fault)?;
        let (dropped, first) = reader.dropped();
        let note = first.first().map(|first| format!("{name}: {dropped} rows were left out; the first: {first}"));
        let ids = reader.has_ids().then(|| chunk.rows.iter().map(|&row| reader.id(row)).collect());
        let layout = reader.layout();
        Ok(Self {
            values: chunk.values,
            width: layout.width,
            source: chunk.rows,
            rows_in_file: layout.rows,
            ids,
            notes: note.into_iter().collect(),
        })
    }

    /// No rows yet, to append to.
    pub fn empty(width: usize) -> Self {
        Self { values: Vec::new(), width, source: Vec::new(), rows_in_file: 0, ids: None, notes: Vec::new() }
    }

    /// Adds rows of the same width, `[rows][width]`.
    ///
    /// # Errors
    /// Rows of another width.
    pub fn append(&mut self, rows: &[f32]) -> Result<(), JsValue> {
        if !rows.len().is_multiple_of(self.width.max(1)) {
            return Err(fault(format!("{} values are not whole rows of {}", rows.len(), self.width)));
        }
        self.values.extend_from_slice(rows);
        self.source.extend(self.source.len()..self.rows());
        self.rows_in_file = self.rows();
        Ok(())
    }

    /// Number of rows.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Values of a row.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.width
    }

    /// What was left out, in sentences.
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// One item a row: named by the file's ids, or numbered.
    pub fn items(&self) -> Items {
        let id = |at: usize| self.ids.as_ref().map_or_else(|| self.source[at].to_string(), |ids| ids[at].clone());
        let items = (0..self.rows()).map(|at| Item { id: id(at), ..Item::default() });
        Items::new(items.collect(), self.notes.clone())
    }

    /// The items that belong to the rows: by id where the file has ids, else by position.
    ///
    /// # Errors
    /// Not one id in common; or, without ids, another number of items than of rows.
    pub fn pair(&self, catalogue: &Items) -> Result<Items, JsValue> {
        let mut notes = [catalogue.notes(), self.notes.clone()].concat();
        let Some(ids) = &self.ids else {
            let (items, rows) = (catalogue.items.len(), self.rows_in_file);
            if items != rows {
                return Err(fault(format!(
                    "There are {items} items and {rows} embeddings. Choose the two files that were made together, or embeddings with ids"
                )));
            }
            let items = self.source.iter().map(|&row| catalogue.items[row].clone());
            return Ok(Items::new(items.collect(), notes));
        };
        let by_id: HashMap<&str, &Item> = catalogue.items.iter().map(|item| (item.id.as_str(), item)).collect();
        let bare = |id: &String| Item { id: id.clone(), ..Item::default() };
        let found = ids.iter().filter(|id| by_id.contains_key(id.as_str())).count();
        if found == 0 {
            return Err(fault(
                "The embeddings' ids and the items' have none in common. Choose the two files that were made together",
            ));
        }
        if found < ids.len().max(by_id.len()) {
            notes.push(format!("{found} items are in both files, of {} embeddings and {} items.", ids.len(), by_id.len()));
        }
        let items = ids.iter().map(|id| by_id.get(id.as_str()).map_or_else(|| bare(id), |&item| item.clone()));
        Ok(Items::new(items.collect(), notes))
    }
}

impl Vectors {
    /// `count` rows from `start` on, or as many as there are.
    pub(super) fn slice(&self, start: usize, count: usize) -> &[f32] {
        let end = self.rows().min(start.saturating_add(count));
        self.values.get(start * self.width..end * self.width).unwrap_or_default()
    }
}
