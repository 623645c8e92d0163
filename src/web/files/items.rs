//! Catalogue files.

use std::io::BufReader;

use wasm_bindgen::prelude::*;

use crate::catalog::{CatalogError, Columns, FaultKind, Malformed, Named, ReadOptions, Reader, from_reader};
use crate::web::Strings;
use crate::web::error::{js_error, to_object};
use crate::web::file::FileStream;

/// Bytes asked of a file at a time.
const SLICE: usize = 1 << 20;

/// Reads a catalogue piece by piece.
#[wasm_bindgen]
pub struct ItemReader {
    reader: Reader<'static>,
    /// What was read and not taken yet.
    columns: Columns,
}

#[wasm_bindgen]
impl ItemReader {
    /// Opens JSONL, a JSON array, CSV or TSV; `name` is for the messages and its extension. Items without an id are
    /// numbered. Only in a worker.
    ///
    /// `lenient` leaves malformed records out and replaces bytes that are not UTF-8; `fields` names the fields of parts
    /// that have unusual names, as `title=label` (`brand=`: that part is not read). A `headerless` table begins with an item;
    /// its fields are `column 1`, `column 2` and so on.
    ///
    /// # Errors
    /// No catalogue, or no such part.
    #[allow(clippy::needless_pass_by_value)] // wasm-bindgen hands strings over by value only
    pub fn open(file: web_sys::Blob, name: &str, lenient: bool, fields: Vec<String>, headerless: bool) -> Result<Self, JsValue> {
        let fields: Vec<Named> = fields.iter().map(|field| field.parse()).collect::<Result<_, _>>().map_err(js_error)?;
        let malformed = if lenient { Malformed::Skip } else { Malformed::Stop };
        let options = ReadOptions { malformed, lossy: lenient, fields, number: true, headerless, ..ReadOptions::default() };
        let stream = BufReader::with_capacity(SLICE, FileStream::new(file)?);
        Ok(Self {
            reader: from_reader(stream, name, &options).map_err(|error| catalog_error(&error))?,
            columns: Columns::default(),
        })
    }

    /// Reads up to `count` items more; whether there may be others.
    ///
    /// # Errors
    /// Malformed records with their lines, no items at all, a file that cannot be read.
    pub fn read(&mut self, count: usize) -> Result<bool, JsValue> {
        for _ in 0..count {
            match self.reader.next() {
                Some(item) => self.columns.push(&item.map_err(|error| catalog_error(&error))?),
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

    /// The items that were read since the last call, for `Items.append`.
    pub fn take(&mut self) -> Strings {
        let items = std::mem::take(&mut self.columns);
        (0..items.len()).flat_map(|i| items.parts(i)).collect()
    }

    /// What was left out or corrected so far, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let report = self.reader.report();
        let worth_saying = report.duplicates + report.skipped + report.numbered > 0;
        worth_saying.then(|| format!("{}: {report}", self.reader.name())).into_iter().collect()
    }
}

/// The error for JavaScript: named `Malformed` where reading other fields would not mend it.
fn catalog_error(error: &CatalogError) -> JsValue {
    let thrown = js_sys::Error::new(&error.to_string());
    let of_ids = |kind: &FaultKind| matches!(kind, FaultKind::NoId | FaultKind::BadId);
    if let CatalogError::Malformed { faults, .. } = error
        && !faults.iter().any(|fault| of_ids(&fault.kind))
    {
        thrown.set_name("Malformed");
    }
    thrown.into()
}
