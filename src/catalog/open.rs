//! Opening a catalogue: its format, and the source of records that reads it.

use std::io::BufReader;
use std::path::Path;

use super::csv::CsvRecords;
use super::json_records::JsonRecords;
#[cfg(feature = "parquet")]
use super::parquet::ParquetRecords;
use super::records::Records;
use super::{CatalogError, Format, ReadOptions, Reader, sniff};
use crate::tables::{Input, Stream, TableError};

/// Opens a catalogue file.
///
/// # Errors
/// The file cannot be opened, is empty, is no catalogue, or has no id column.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Reader<'static>, CatalogError> {
    #[cfg(feature = "parquet")]
    if crate::tables::is_parquet(path) {
        return Ok(Reader::new(Box::new(ParquetRecords::open(path, options)?), options));
    }
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|source| TableError::Io { name: name.clone(), source })?;
    from_reader(BufReader::with_capacity(1 << 16, file), &name, options)
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
    let mut input = Input::new(name.into(), Box::new(stream));
    let records: Box<dyn Records + 'a> = match sniff::format(&mut input, options.format)? {
        Format::Jsonl => Box::new(JsonRecords::lines(input)),
        Format::Json => Box::new(JsonRecords::array(input)),
        format @ (Format::Csv | Format::Tsv) => Box::new(CsvRecords::new(input, format, options)?),
    };
    Ok(Reader::new(records, options))
}
