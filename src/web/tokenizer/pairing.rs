//! The items that embeddings belong to.

use wasm_bindgen::prelude::*;

use super::{Items, Vectors};
use crate::catalog::{Columns, Item};
use crate::vectors::{Paired, pair_by_id, pair_by_position};
use crate::web::error::js_error;

#[wasm_bindgen]
impl Vectors {
    /// One item a row: named by the file's ids, or numbered.
    pub fn items(&self) -> Items {
        let id = |at: usize| self.ids.as_ref().map_or_else(|| self.source[at].to_string(), |ids| ids[at].clone());
        let items: Columns = (0..self.rows()).map(|at| Item { id: id(at), ..Item::default() }).collect();
        Items::new(items, self.notes())
    }

    /// The items that belong to the rows: by id where the file has ids, else by position.
    ///
    /// # Errors
    /// Not one id in common; or, without ids, another number of items than of rows.
    pub fn pair(&self, catalogue: &Items) -> Result<Items, JsValue> {
        let paired = match &self.ids {
            Some(ids) => pair_by_id(&catalogue.columns, ids),
            None => pair_by_position(&catalogue.columns, &self.source, self.rows_in_file),
        };
        let Paired { items, note } = paired.map_err(js_error)?;
        Ok(Items::new(items, [catalogue.notes(), self.notes(), note.into_iter().collect()].concat()))
    }
}
