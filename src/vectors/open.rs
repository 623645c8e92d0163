//! Opening an embedding file: its header, and the ids that belong to it.

use std::io::Cursor;
use std::path::Path;

#[cfg(feature = "parquet")]
use super::columns::Vectors;
#[cfg(feature = "parquet")]
use super::columns_writer::TEXT;
use super::source::{Source, Stream, read_header};
use super::{EmbeddingError, ReadOptions, Reader, ids_path};
#[cfg(feature = "parquet")]
use crate::tables;

/// Opens an embedding file, with the ids beside it if there are any.
///
/// # Errors
/// The file is damaged, of another kind or width, or its ids do not fit. Nothing is allocated on a header's word.
pub fn open(path: &Path, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let name = path.display().to_string();
    #[cfg(feature = "parquet")]
    if tables::is_parquet(path) {
        return open_columns(path, name, options);
    }
    let io = |source| EmbeddingError::Io { name: name.clone(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let mut reader = open_stream(Box::new(file), size, name.clone(), options)?;
    let beside = ids_path(path);
    if !reader.has_ids() && beside.exists() {
        let text = std::fs::read_to_string(&beside);
        let text = text.map_err(|source| EmbeddingError::Io { name: beside.display().to_string(), source })?;
        reader.set_ids_text(&text)?;
    }
    Ok(reader)
}

#[cfg(feature = "parquet")]
fn open_columns(path: &Path, name: String, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let table = tables::Table::open(path)?;
    let (vectors, ids) = Vectors::open(&table)?;
    let layout = super::Layout { rows: vectors.rows, width: vectors.width, element: vectors.element, start: 0 };
    let text = table.note(TEXT).and_then(|text| serde_json::from_str(text).ok());
    let mut reader = Reader::new(Source::Columns(Box::new(vectors)), layout, text, name, options)?;
    ids.map_or(Ok(()), |ids| reader.set_ids(ids))?;
    Ok(reader)
}

/// Reads an embedding file from memory; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_bytes<'a>(bytes: &'a [u8], name: &str, options: ReadOptions) -> Result<Reader<'a>, EmbeddingError> {
    from_stream(Cursor::new(bytes), bytes.len() as u64, name, options)
}

/// Reads from anything that is `size` bytes long.
///
/// # Errors
/// As [`open`].
pub fn from_stream<'a>(
    stream: impl Stream + 'a,
    size: u64,
    name: &str,
    options: ReadOptions,
) -> Result<Reader<'a>, EmbeddingError> {
    open_stream(Box::new(stream), size, name.into(), options)
}

fn open_stream<'a>(
    mut stream: Box<dyn Stream + 'a>,
    size: u64,
    name: String,
    options: ReadOptions,
) -> Result<Reader<'a>, EmbeddingError> {
    let (layout, ids, text) = read_header(&mut stream, size, &name)?;
    let mut reader = Reader::new(Source::Stream(stream), layout, text, name, options)?;
    if let Some((start, length)) = ids {
        reader.read_ids(start, length)?;
    }
    Ok(reader)
}
