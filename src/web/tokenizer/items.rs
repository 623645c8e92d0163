//! A catalogue's items.

use std::cell::OnceCell;

use wasm_bindgen::prelude::*;

use super::Tokenizer;
use crate::audit::Terms;
use crate::catalog::{Item, Malformed, ReadOptions, from_bytes};
use crate::web::error::fault;

/// Characters of an id or title that are handed to a page: enough to show, whatever a file holds.
const SHOWN: usize = 240;

/// Items in memory.
#[wasm_bindgen]
pub struct Items {
    pub(super) items: Vec<Item>,
    notes: Vec<String>,
    /// Collected when a prefix is first named.
    terms: OnceCell<Terms>,
}

/// A column of strings as UTF-8: string `i` is `bytes[ends[i-1]..ends[i]]`.
#[wasm_bindgen]
#[derive(Default)]
pub struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

#[wasm_bindgen]
impl Items {
    /// Reads JSONL, a JSON array, CSV or TSV; `name` is for the messages and its extension.
    ///
    /// With `lenient`, malformed records are left out and counted, and bytes that are not UTF-8 are replaced.
    ///
    /// # Errors
    /// No catalogue, no items, or malformed records with their lines.
    pub fn parse(bytes: &[u8], name: &str, lenient: bool) -> Result<Self, JsValue> {
        let malformed = if lenient { Malformed::Skip } else { Malformed::Stop };
        let options = ReadOptions { malformed, lossy: lenient, ..ReadOptions::default() };
        let mut reader = from_bytes(bytes, name, &options).map_err(fault)?;
        let items = reader.by_ref().collect::<Result<Vec<Item>, _>>().map_err(fault)?;
        let report = reader.report();
        let left_out = report.duplicates + report.skipped > 0;
        Ok(Self::new(items, left_out.then(|| format!("{name}: {report}")).into_iter().collect()))
    }

    /// Number of items.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.items.len()
    }

    /// What was left out or mended, in sentences.
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// Ids, cut to a length that can be shown.
    pub fn ids(&self) -> Strings {
        self.items.iter().map(|item| item.id.as_str()).collect()
    }

    /// Titles, cut to a length that can be shown.
    pub fn titles(&self) -> Strings {
        self.items.iter().map(|item| item.title.as_str()).collect()
    }

    /// The items that the model's template finds a text in; the others are counted in `notes`.
    ///
    /// # Errors
    /// There is no such item.
    #[wasm_bindgen(js_name = withText)]
    pub fn with_text(&self, tokenizer: &Tokenizer) -> Result<Items, JsValue> {
        let template = tokenizer.template();
        let items: Vec<Item> = self.items.iter().filter(|item| template.text(item).is_some()).cloned().collect();
        if items.is_empty() {
            return Err(fault("None of the items has a text: give them a title, brand, categories or description"));
        }
        let without = self.items.len() - items.len();
        let note = (without > 0)
            .then(|| format!("{without} items have no text at all and were left out: a token for them would mean nothing."));
        Ok(Self::new(items, note.into_iter().collect()))
    }

    /// The texts of `count` items from `start` on, as the model's text encoder reads them.
    pub fn texts(&self, tokenizer: &Tokenizer, start: usize, count: usize) -> Vec<String> {
        let end = self.items.len().min(start.saturating_add(count));
        let items = self.items.get(start..end).unwrap_or_default();
        items.iter().map(|item| tokenizer.template().text(item).unwrap_or_default()).collect()
    }
}

impl Items {
    pub(super) fn new(items: Vec<Item>, notes: Vec<String>) -> Self {
        Self { items, notes, terms: OnceCell::new() }
    }

    pub(super) fn terms(&self) -> &Terms {
        self.terms.get_or_init(|| Terms::new(&self.items))
    }
}

#[wasm_bindgen]
impl Strings {
    /// All strings, one after another.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Where each ends.
    pub fn ends(&self) -> Vec<u32> {
        self.ends.clone()
    }
}

impl<'a> FromIterator<&'a str> for Strings {
    fn from_iter<I: IntoIterator<Item = &'a str>>(strings: I) -> Self {
        let mut column = Self::default();
        for string in strings {
            let cut = string.char_indices().nth(SHOWN).map_or(string.len(), |(at, _)| at);
            column.bytes.extend_from_slice(&string.as_bytes()[..cut]);
            column.ends.push(column.bytes.len() as u32);
        }
        column
    }
}
