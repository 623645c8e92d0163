//! Opening an embedding file: its header, and the ids that belong to it.

use std::io::{Cursor, Read, SeekFrom};
use std::path::Path;

use super::layout::Header;
#[cfg(feature = "parquet")]
use super::parquet::Vectors;
#[cfg(feature = "parquet")]
use super::parquet_writer::TEXT;
use super::source::{Source, Stream, read_bytes};
use super::{EmbeddingError, Layout, ReadOptions, Reader, ids_path, npy, tensors};
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
        return open_parquet(path, name, options);
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
fn open_parquet(path: &Path, name: String, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let table = tables::ParquetTable::open(path)?;
    let (vectors, ids) = Vectors::open(&table)?;
    let layout = vectors.layout;
    layout.check_width(options.width, &name)?;
    let text = table.metadata_value(TEXT).and_then(|text| serde_json::from_str(text).ok());
    let mut reader = Reader::new(Source::Column(Box::new(vectors)), layout, text, name, options);
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
    let Header { layout, start, ids, text } = read_header(&mut *stream, size, &name)?;
    layout.check_width(options.width, &name)?;
    let ids = ids.map(|(start, length)| read_bytes(&mut *stream, start, length, &name)).transpose()?;
    let mut reader = Reader::new(Source::Bytes { stream, start }, layout, text, name, options);
    ids.map_or(Ok(()), |ids| reader.set_ids_json(ids))?;
    Ok(reader)
}

/// Tells the format by the first bytes and reads its header.
fn read_header(stream: &mut dyn Stream, size: u64, name: &str) -> Result<Header, EmbeddingError> {
    let io = |source| EmbeddingError::Io { name: name.into(), source };
    let mut head = Vec::new();
    Read::take(&mut *stream, 64).read_to_end(&mut head).map_err(io)?;
    stream.seek(SeekFrom::Start(0)).map_err(io)?;
    if head.starts_with(npy::MAGIC) {
        let header = npy::read_header(stream, name)?;
        check_size(&header, size, name)?;
        return Ok(header);
    }
    // Eight bytes of length, then JSON.
    if head.get(8) != Some(&b'{') {
        let start = head[..head.len().min(24)].escape_ascii().to_string();
        return Err(EmbeddingError::Foreign { name: name.into(), start });
    }
    tensors::read_header(stream, size, name)
}

/// An `.npy` file holds exactly what its header says.
fn check_size(header: &Header, size: u64, name: &str) -> Result<(), EmbeddingError> {
    let Layout { rows, width, element } = header.layout;
    let factors = [width as u64, element.size() as u64];
    let data = factors.iter().try_fold(rows as u64, |n, &f| n.checked_mul(f));
    let claimed = data.and_then(|d| d.checked_add(header.start)).unwrap_or(u64::MAX);
    if claimed == size { Ok(()) } else { Err(EmbeddingError::Size { name: name.into(), claimed, found: size }) }
}
