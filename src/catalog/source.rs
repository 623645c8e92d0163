//! The source of records for a stream, by its format.

use super::csv::CsvRecords;
use super::json_records::JsonRecords;
use super::records::Records;
use super::{CatalogError, Format, ReadOptions, sniff};
use crate::tables::Input;

/// Reads what comes before the first record.
///
/// # Errors
/// It is empty, no catalogue, or has no id column; an option does not apply to it.
pub(super) fn records<'a>(mut input: Input<'a>, options: &ReadOptions) -> Result<Box<dyn Records + 'a>, CatalogError> {
    let format = sniff::format(&mut input, options)?;
    if matches!(format, Format::Json | Format::Jsonl) && options.delimiter.is_some() {
        return Err(CatalogError::Unfit { name: input.name, what: "JSON", option: "--delimiter" });
    }
    Ok(match format {
        Format::Jsonl | Format::Json => Box::new(JsonRecords::new(input, options)?),
        format @ (Format::Csv | Format::Tsv) => Box::new(CsvRecords::new(input, format, options)?),
    })
}
