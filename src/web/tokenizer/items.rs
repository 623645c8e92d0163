//! A catalogue's items.

use std::cell::OnceCell;
use std::io::BufReader;

use wasm_bindgen::prelude::*;

use super::Tokenizer;
use super::file::FileStream;
use crate::catalog::{Columns, Malformed, Named, ReadOptions, Reader, from_reader};
use crate::inspect::{Terms, kinds};
use crate::web::error::{js_error, to_object};

/// Characters of an id or title that are handed to a page: enough to show, whatever a file holds.
const SHOWN: usize = 240;
/// Bytes asked of a file at a time.
const SLICE: usize = 1 << 20;

/// Items in memory, as columns.
#[wasm_bindgen]
pub struct Items {
    pub(super) columns: Columns,
    notes: Vec<String>,
    /// Collected when a prefix is first named.
    terms: OnceCell<Terms>,
}

/// Reads a catalogue piece by piece.
#[wasm_bindgen]
pub struct ItemReader {
    reader: Reader<'static>,
    columns: Columns,
}

/// A column of strings as UTF-8: string `i` is `bytes[ends[i-1]..ends[i]]`.
#[wasm_bindgen]
#[derive(Default)]
pub struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

#[wasm_bindgen]
impl ItemReader {
    /// Opens JSONL, a JSON array, CSV or TSV; `name` is for the messages and its extension. Items without an id are
    /// numbered. Only in a worker.
    ///
    /// `lenient` leaves malformed records out and replaces bytes that are not UTF-8; `fields` names the fields of parts
    /// that have unusual names, as `title=naam` (`brand=`: that part is not read).
    ///
    /// # Errors
    /// No catalogue, or no such part.
    #[allow(clippy::needless_pass_by_value)] // wasm-bindgen hands strings over by value only
    pub fn open(file: web_sys::Blob, name: &str, lenient: bool, fields: Vec<String>) -> Result<Self, JsValue> {
        let fields: Vec<Named> = fields.iter().map(|field| field.parse()).collect::<Result<_, _>>().map_err(js_error)?;
        let malformed = if lenient { Malformed::Skip } else { Malformed::Stop };
        let options = ReadOptions { malformed, lossy: lenient, fields, number: true, ..ReadOptions::default() };
        let stream = BufReader::with_capacity(SLICE, FileStream::new(file)?);
        Ok(Self { reader: from_reader(stream, name, &options).map_err(js_error)?, columns: Columns::default() })
    }

    /// Reads up to `count` items more; whether there may be others.
    ///
    /// # Errors
    /// Malformed records with their lines, no items at all, a file that cannot be read.
    pub fn read(&mut self, count: usize) -> Result<bool, JsValue> {
        for _ in 0..count {
            match self.reader.next() {
                Some(item) => self.columns.push(&item.map_err(js_error)?),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Bytes of the file that were read.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> f64 {
        self.reader.bytes_read() as f64
    }

    /// The fields of the file, and what they are read as.
    #[wasm_bindgen(unchecked_return_type = "FieldUse[]")]
    pub fn fields(&self) -> JsValue {
        to_object(&self.reader.fields())
    }

    /// The items that were read; the reader is used up.
    pub fn finish(self) -> Items {
        let report = self.reader.report();
        let worth_saying = report.duplicates + report.skipped + report.numbered > 0;
        let note = worth_saying.then(|| format!("{}: {report}", self.reader.name()));
        Items::new(self.columns, note.into_iter().collect())
    }
}

#[wasm_bindgen]
impl Items {
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
        (0..self.columns.len()).map(|i| self.columns.id(i)).collect()
    }

    /// Titles, cut to a length that can be shown.
    pub fn titles(&self) -> Strings {
        (0..self.columns.len()).map(|i| self.columns.title(i)).collect()
    }

    /// The kind of each item, a category that not nearly all items have; empty where it has none.
    pub fn kinds(&self) -> Strings {
        kinds(&self.columns).iter().map(String::as_str).collect()
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
            self.notes
                .push(format!("{without} items have no text at all and were left out: a token for them would mean nothing."));
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
