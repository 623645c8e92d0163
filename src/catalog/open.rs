//! Opening a catalogue: its format, and the source of records that reads it.

#[cfg(feature = "files")]
use std::path::Path;

#[cfg(feature = "parquet")]
use super::parquet::ParquetRecords;
#[cfg(feature = "files")]
use super::parts::Parts;
use super::source::records;
use super::{CatalogError, ReadOptions, Reader};
#[cfg(feature = "files")]
use crate::tables;
use crate::tables::{Input, Stream};

/// Opens a catalogue: a file, gzip or not, a folder of parts, a pipe, or standard input (`-`).
///
/// # Errors
/// The file cannot be opened, is empty, is no catalogue, or has no id column.
#[cfg(feature = "files")]
pub fn open(path: &Path, options: &ReadOptions) -> Result<Reader<'static>, CatalogError> {
    #[cfg(feature = "parquet")]
    if tables::is_parquet(path) {
        let unfit = options.format.map(|_| "--format").or(options.delimiter.map(|_| "--delimiter"));
        if let Some(option) = unfit {
            return Err(CatalogError::Unfit { name: path.display().to_string(), what: "Parquet", option });
        }
        return Ok(Reader::new(Box::new(ParquetRecords::open(path, options)?), options));
    }
    if path.is_dir() {
        return Ok(Reader::new(Box::new(Parts::open(path, options)?), options));
    }
    Ok(Reader::new(records(tables::open(path)?.into(), options)?, options))
}

/// Reads a catalogue from memory; `name` is for messages and for its extension.
///
/// # Errors
/// As [`open`].
pub fn from_bytes<'a>(bytes: &'a [u8], name: &str, options: &ReadOptions) -> Result<Reader<'a>, CatalogError> {
    from_reader(bytes, name, options)
}

/// Reads a catalogue from any stream; `name` is for messages and for its extension.
///
/// # Errors
/// As [`open`].
pub fn from_reader<'a>(stream: impl Stream + 'a, name: &str, options: &ReadOptions) -> Result<Reader<'a>, CatalogError> {
    Ok(Reader::new(records(Input::new(name.into(), Box::new(stream)), options)?, options))
}
