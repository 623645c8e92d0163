//! What a visitor takes away: the index and its audit as files.

use wasm_bindgen::prelude::*;

use super::{Index, Items};
use crate::audit;
use crate::tokens::{CsvWriter, IndexWriter, added_tokens};
use crate::web::error::js_error;

#[wasm_bindgen]
impl Index {
    /// The index file that LC-Rec, LETTER and MiniOneRec read: `{"item id": ["<a_12>", …], …}`.
    ///
    /// # Errors
    /// Another number of items than of codewords.
    #[wasm_bindgen(js_name = toJson)]
    pub fn to_json(&self, items: &Items) -> Result<Vec<u8>, JsValue> {
        self.check(items)?;
        let mut writer = IndexWriter::new(Vec::new()).map_err(js_error)?;
        for i in 0..items.columns.len() {
            writer.push(items.columns.id(i), &self.codewords.tokens(i)).map_err(js_error)?;
        }
        writer.finish().map_err(js_error)
    }

    /// A table with one item a row; cells that a spreadsheet would run are defused.
    ///
    /// # Errors
    /// Another number of items than of codewords.
    #[wasm_bindgen(js_name = toCsv)]
    pub fn to_csv(&self, items: &Items) -> Result<Vec<u8>, JsValue> {
        self.check(items)?;
        let mut writer = CsvWriter::new(Vec::new(), self.codewords.width()).map_err(js_error)?;
        for i in 0..items.columns.len() {
            writer.push(items.columns.id(i), &self.codewords.tokens(i)).map_err(js_error)?;
        }
        writer.finish().map_err(js_error)
    }

    /// Every token with a number from `first` on, as `added_tokens.json` of a language model's tokenizer.
    #[wasm_bindgen(js_name = addedTokens)]
    pub fn added_tokens(&self, first: u32) -> String {
        added_tokens(self.codewords.vocabulary(), first.into()) + "\n"
    }

    /// The audit as `unitok audit --markdown` prints it, under a name.
    ///
    /// # Errors
    /// There are no items.
    #[wasm_bindgen(js_name = auditMarkdown)]
    pub fn audit_markdown(&self, name: &str) -> Result<String, JsValue> {
        Ok(audit::markdown(&self.report().map_err(js_error)?, &[], name))
    }
}
