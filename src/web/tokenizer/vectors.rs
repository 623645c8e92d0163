//! Embeddings of items.

use std::io::Cursor;

use wasm_bindgen::prelude::*;

use crate::base::words::counted;
use crate::inspect;
use crate::vectors::{BadRows, ReadOptions, Reader, Stream, from_stream};
use crate::web::error::js_error;
use crate::web::file::FileStream;

/// Embeddings in memory, `[rows][width]`.
#[wasm_bindgen]
pub struct Vectors {
    values: Vec<f32>,
    width: usize,
    /// Row of the file that each came from.
    pub(super) source: Vec<usize>,
    /// Rows of the file.
    pub(super) rows_in_file: usize,
    pub(super) ids: Option<Vec<String>>,
    notes: Vec<String>,
}

/// Reads embeddings piece by piece.
#[wasm_bindgen]
pub struct VectorReader {
    reader: Reader<'static>,
    name: String,
    vectors: Vectors,
}

#[wasm_bindgen]
impl VectorReader {
    /// Opens `.npy` or safetensors; `name` is for the messages, `ids` the text of an `ids.txt`. Only in a worker.
    ///
    /// With `lenient`, rows that are NaN, infinite or zero are left out and counted.
    ///
    /// # Errors
    /// Damaged files, other shapes than a matrix, more values than fit in memory.
    pub fn open(file: web_sys::Blob, name: &str, lenient: bool, ids: Option<String>) -> Result<Self, JsValue> {
        let stream = FileStream::new(file)?;
        let size = stream.size();
        Self::over(stream, size, name, lenient, ids)
    }

    /// Reads up to `count` rows more; whether there may be others.
    ///
    /// # Errors
    /// Bad rows, a file that cannot be read.
    pub fn read(&mut self, count: usize) -> Result<bool, JsValue> {
        let Some(chunk) = self.reader.next_chunk(count).map_err(js_error)? else { return Ok(false) };
        self.vectors.values.extend_from_slice(&chunk.values);
        if let Some(ids) = &mut self.vectors.ids {
            ids.extend(chunk.rows.iter().map(|&row| self.reader.id(row)));
        }
        self.vectors.source.extend(chunk.rows);
        Ok(true)
    }

    /// Rows of the file that were read.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> usize {
        self.vectors.source.len() + self.reader.dropped().0
    }

    /// Rows of the file.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> usize {
        self.vectors.rows_in_file
    }

    /// The vectors that were read; the reader is used up.
    pub fn finish(mut self) -> Vectors {
        let (dropped, first) = self.reader.dropped();
        let note =
            first.first().map(|first| format!("{}: {} left out; the first: {first}", self.name, counted(dropped, "bad row")));
        self.vectors.notes.extend(note);
        self.vectors
    }
}

impl VectorReader {
    fn over(stream: impl Stream + 'static, size: u64, name: &str, lenient: bool, ids: Option<String>) -> Result<Self, JsValue> {
        let bad_rows = if lenient { BadRows::Drop } else { BadRows::Stop };
        let mut reader = from_stream(stream, size, name, ReadOptions { bad_rows, ..Default::default() }).map_err(js_error)?;
        if let Some(ids) = ids {
            reader.set_ids_text(&ids).map_err(js_error)?;
        }
        let layout = reader.layout();
        let mut vectors = Vectors { rows_in_file: layout.rows, ..Vectors::empty(layout.width) };
        // All of it at once: growing would need twice the room.
        vectors.values.try_reserve_exact(layout.rows * layout.width).map_err(|_| {
            js_error(format!(
                "{name} holds {} rows of {} values, more than fits in this page's memory. Use the command line: unitok tokenize --embeddings {name}",
                layout.rows, layout.width
            ))
        })?;
        vectors.ids = reader.has_ids().then(Vec::new);
        Ok(Self { reader, name: name.into(), vectors })
    }
}

#[wasm_bindgen]
impl Vectors {
    /// Reads a whole `.npy` or safetensors file that is at hand; for long ones there is [`VectorReader`].
    ///
    /// # Errors
    /// As [`VectorReader::open`] and [`VectorReader::read`].
    pub fn parse(bytes: Vec<u8>, name: &str, lenient: bool) -> Result<Self, JsValue> {
        let size = bytes.len() as u64;
        let mut reader = VectorReader::over(Cursor::new(bytes), size, name, lenient, None)?;
        while reader.read(usize::MAX)? {}
        Ok(reader.finish())
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
            return Err(js_error(format!("{} values are not whole rows of {}", rows.len(), self.width)));
        }
        self.values.extend_from_slice(rows);
        self.source.extend(self.source.len()..self.rows());
        self.rows_in_file = self.rows();
        Ok(())
    }

    /// Adds all rows of `others`.
    ///
    /// # Errors
    /// Rows of another width.
    pub fn extend(&mut self, others: &Vectors) -> Result<(), JsValue> {
        self.append(&others.values)
    }

    /// `count` rows from `start` on, as vectors of their own.
    #[wasm_bindgen(js_name = slice)]
    pub fn part(&self, start: usize, count: usize) -> Vectors {
        Self { values: self.slice(start, count).to_vec(), ..Self::empty(self.width) }
    }

    /// The same rows, each with noise whose norm is `share` of the row's.
    pub fn noisy(&self, share: f32) -> Vectors {
        Self { values: inspect::noisy(&self.values, self.width, share), ..Self::empty(self.width) }
    }

    /// Up to `most` rows, spread evenly: row `i` is row `i·rows/most` of these.
    pub fn sample(&self, most: usize) -> Vectors {
        let count = self.rows().min(most);
        let mut sampled = Self::empty(self.width);
        for i in 0..count {
            sampled.values.extend_from_slice(self.slice(i * self.rows() / count, 1));
        }
        sampled
    }

    /// All values, `[rows][width]`.
    pub fn copy(&self) -> Vec<f32> {
        self.values.clone()
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
}

impl Vectors {
    /// `[rows][width]`.
    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }

    /// `count` rows from `start` on, or as many as there are.
    pub(super) fn slice(&self, start: usize, count: usize) -> &[f32] {
        let end = self.rows().min(start.saturating_add(count));
        self.values.get(start * self.width..end * self.width).unwrap_or_default()
    }
}
