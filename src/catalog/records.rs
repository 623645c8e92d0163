//! Where records come from: the bytes of one at a time, and the item they hold.

use std::borrow::Cow;

use super::csv::{self, Table};
use super::json::{self, ArrayScanner};
#[cfg(feature = "parquet")]
use super::parquet::Rows;
use super::{At, CatalogError, Fault, FaultKind, Format, Item, ReadOptions};
use crate::tables::{End, Input, MAX_RECORD, Place};

/// Where records come from.
pub(super) enum Records {
    Lines,
    Array(ArrayScanner),
    Rows(Table),
    #[cfg(feature = "parquet")]
    Columns(Box<Rows>),
}

/// How taking a record's bytes ended.
pub(super) enum Taken {
    Record,
    Blank,
    Fault(FaultKind),
    Fatal(FaultKind),
}

impl Records {
    /// The records of a stream in `format`; a table's header is read at once.
    pub(super) fn new(input: &mut Input<'_>, format: Format, options: &ReadOptions) -> Result<Self, CatalogError> {
        Ok(match format {
            Format::Jsonl => Self::Lines,
            Format::Json => Self::Array(ArrayScanner::default()),
            Format::Csv | Format::Tsv => Self::Rows(read_header(input, format, options)?),
        })
    }

    /// Reads the bytes of one record.
    pub(super) fn take(&self, input: &mut Input<'_>, record: &mut Vec<u8>) -> Result<Taken, CatalogError> {
        let place = input.place;
        let too_long = FaultKind::TooLong { limit: MAX_RECORD };
        let end = match self {
            Self::Lines => input.take(record, |b| b == b'\n')?,
            #[cfg(feature = "parquet")]
            Self::Columns(_) => End::Eof,
            Self::Array(_) => match json::take_element(input, record)? {
                End::Eof => return Ok(Taken::Fatal(FaultKind::Truncated)),
                end => end,
            },
            Self::Rows(table) => {
                let (end, open) = csv::take_record(input, table.delimiter(), record)?;
                if open {
                    give_back_all_but_a_line(input, record, place);
                    return Ok(Taken::Fault(FaultKind::UnclosedQuote));
                }
                end
            }
        };
        Ok(match end {
            End::TooLong => Taken::Fault(too_long),
            _ if self.is_blank(record) => Taken::Blank,
            _ => Taken::Record,
        })
    }

    /// Spreadsheets end in rows of nothing but commas.
    fn is_blank(&self, record: &[u8]) -> bool {
        let delimiter = if let Self::Rows(table) = self { table.delimiter() } else { b' ' };
        record.iter().all(|&b| b == delimiter || b.is_ascii_whitespace())
    }

    /// Bytes to an item; a fault comes with its offset in the record.
    pub(super) fn parse(&self, record: &[u8], options: &ReadOptions) -> Result<Item, (FaultKind, usize)> {
        let text = decode(record, options.lossy)?;
        let item = match self {
            Self::Rows(table) => table.parse(&text).map_err(|kind| (kind, 0)),
            _ => json::parse(&text, &options.fields).map_err(|(kind, at)| (kind, at.min(record.len()))),
        }?;
        if item.id.is_empty() && !options.number { Err((FaultKind::NoId, 0)) } else { Ok(item) }
    }
}

fn read_header(input: &mut Input<'_>, format: Format, options: &ReadOptions) -> Result<Table, CatalogError> {
    let place = input.place;
    let mut header = Vec::new();
    input.take(&mut header, |b| b == b'\n')?;
    let fault = |(kind, at): (FaultKind, usize)| CatalogError::Malformed {
        name: input.name.clone(),
        faults: vec![Fault::new(At::Line { line: place.line, byte: place.byte + at as u64 }, kind, &header)],
    };
    let text = decode(&header, options.lossy).map_err(fault)?;
    Table::new(&text, format, &input.name, options)
}

fn decode(bytes: &[u8], lossy: bool) -> Result<Cow<'_, str>, (FaultKind, usize)> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(_) if lossy => Ok(String::from_utf8_lossy(bytes)),
        Err(error) => Err((FaultKind::NotUtf8 { value: bytes[error.valid_up_to()] }, error.valid_up_to())),
    }
}

/// A quote that never closes has swallowed good rows: only the line it opens on is lost.
fn give_back_all_but_a_line(input: &mut Input<'_>, record: &mut Vec<u8>, place: Place) {
    let line = record.iter().position(|&b| b == b'\n').map_or(record.len(), |at| at + 1);
    let after = Place { line: place.line + 1, byte: place.byte + line as u64 };
    input.give_back(&record[line..], after);
    record.truncate(line);
}
