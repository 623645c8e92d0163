//! A catalogue's items.

use std::cell::OnceCell;

use wasm_bindgen::prelude::*;

use super::Tokenizer;
use crate::base::words::counted;
use crate::catalog::{Columns, Item};
use crate::inspect::{Terms, kinds};
use crate::web::Strings;
use crate::web::error::js_error;

/// Items in memory, as columns.
#[wasm_bindgen]
pub struct Items {
    pub(super) columns: Columns,
    notes: Vec<String>,
    /// Collected when a prefix is first named.
    terms: OnceCell<Terms>,
}

#[wasm_bindgen]
impl Items {
    /// No items yet, to append to.
    pub fn empty() -> Self {
        Self::new(Columns::default(), Vec::new())
    }

    /// A typed title as an item of its own.
    pub fn typed(title: &str) -> Self {
        Self::new([Item::typed(title)].into_iter().collect(), Vec::new())
    }

    /// Adds items of `ItemReader.take`, whose strings these are.
    ///
    /// # Errors
    /// Other bytes.
    pub fn append(&mut self, bytes: &[u8], ends: &[u32]) -> Result<(), JsValue> {
        let starts = [0].into_iter().chain(ends.iter().copied());
        let strings = starts.zip(ends).map(|(start, end)| bytes.get(start as usize..*end as usize).map(str::from_utf8));
        let strings: Option<Vec<&str>> = strings.map(|string| string?.ok()).collect();
        match strings.as_deref().map(<[&str]>::as_chunks) {
            Some((items, [])) => items.iter().for_each(|parts| self.columns.push_parts(*parts)),
            _ => return Err(js_error("these are not the items of a reader")),
        }
        Ok(())
    }

    /// Adds a sentence to the notes.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Number of items.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.columns.len()
    }

    /// What was left out or corrected, in sentences.
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// Ids, cut to a length that can be shown.
    pub fn ids(&self) -> Strings {
        Strings::shown((0..self.columns.len()).map(|i| self.columns.id(i)))
    }

    /// Titles, cut to a length that can be shown.
    pub fn titles(&self) -> Strings {
        Strings::shown((0..self.columns.len()).map(|i| self.columns.title(i)))
    }

    /// The kind of each item, a category that not nearly all items have; empty where it has none.
    pub fn kinds(&self) -> Strings {
        Strings::shown(kinds(&self.columns).iter().map(String::as_str))
    }

    /// Keeps the items that the model's template finds a text in; the others are counted in `notes`.
    ///
    /// # Errors
    /// None of them has a text.
    #[wasm_bindgen(js_name = keepWithText)]
    pub fn keep_with_text(&mut self, tokenizer: &Tokenizer) -> Result<(), JsValue> {
        let template = tokenizer.template();
        let without = self.columns.iter().filter(|item| template.text(item).is_none()).count();
        if without == self.columns.len() {
            return Err(js_error("None of the items has a text: give them a title, brand, categories or description"));
        }
        if without > 0 {
            self.columns = self.columns.iter().filter(|item| template.text(item).is_some()).collect();
            self.terms = OnceCell::new();
            let (have, them) = if without == 1 { ("has", "it") } else { ("have", "them") };
            let items = counted(without, "item");
            self.notes.push(format!("{items} {have} no text at all, left out: a token for {them} would mean nothing."));
        }
        Ok(())
    }

    /// The texts of `count` items from `start` on, as the model's text encoder reads them.
    pub fn texts(&self, tokenizer: &Tokenizer, start: usize, count: usize) -> Vec<String> {
        let end = self.columns.len().min(start.saturating_add(count));
        (start..end).map(|i| tokenizer.template().text(&self.columns.get(i)).unwrap_or_default()).collect()
    }
}

impl Items {
    pub(super) fn new(columns: Columns, notes: Vec<String>) -> Self {
        Self { columns, notes, terms: OnceCell::new() }
    }

    pub(super) fn terms(&self) -> &Terms {
        self.terms.get_or_init(|| Terms::new(self.columns.iter()))
    }
}
