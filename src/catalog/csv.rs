//! Items from the rows of a CSV or TSV file.

use std::borrow::Cow;

use super::fields::{Fields, Raw};
use super::records::{Position, Read, Records, decode};
use super::values::present;
use super::{CatalogError, Fault, FaultKind, Format, Item, ReadOptions};
use crate::tables::{CsvEnd, CsvReader, Input, MAX_RECORD, delimiter};

/// Rows of a table whose header was read.
pub(super) struct CsvRecords<'a> {
    input: Input<'a>,
    reader: CsvReader,
    fields: Fields,
    /// Columns that are parts of an item.
    known: Vec<usize>,
    /// Whether the record at hand is the first row, which is no header and was not given out yet.
    at_first: bool,
}

impl<'a> CsvRecords<'a> {
    /// Reads the header, or the first row where there is none, and finds the parts of an item in it.
    ///
    /// # Errors
    /// The header is not UTF-8, never closes a quote, or has no column of ids.
    pub(super) fn new(mut input: Input<'a>, format: Format, options: &ReadOptions) -> Result<Self, CatalogError> {
        let tab = (format == Format::Tsv).then_some(b'\t');
        let mut reader = CsvReader::new(delimiter(&mut input, options.delimiter.or(tab))?);
        let end = reader.read_header(&mut input)?;
        let names = names(&reader, end, options).map_err(|fault| CatalogError::Malformed {
            name: input.name.clone(),
            faults: vec![fault],
            advice: "Correct the header",
        })?;
        let names = if options.headerless { (1..=names.len()).map(|i| format!("column {i}")).collect() } else { names };
        let fields = Fields::of_table(names, &input.name, options)?;
        let known = fields.known().collect();
        Ok(Self { input, reader, fields, known, at_first: options.headerless })
    }

    fn parse(&mut self, options: &ReadOptions) -> Result<Item, (FaultKind, usize)> {
        let record = self.reader.record();
        if !self.reader.fits() {
            return Err((FaultKind::Ragged { expected: self.fields.uses().len(), found: record.len() }, 0));
        }
        let cells = match decode(record.bytes(), options.lossy)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(text) => Some(self.reader.split(&text)),
        };
        let cell = |i: usize| cells.as_ref().map_or_else(|| record.field(i), |cells| &cells[i]);
        self.fields.item(self.known.iter().map(|&i| (i, Raw::Cell(present(cell(i)))))).map_err(|kind| (kind, 0))
    }
}

impl Records for CsvRecords<'_> {
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError> {
        if !std::mem::take(&mut self.at_first) {
            let Some(end) = self.reader.read(&mut self.input)? else { return Ok(Read::End) };
            if let Some(fault) = fault(&self.reader, end) {
                return Ok(Read::Fault(fault));
            }
        }
        let record = self.reader.record();
        // Spreadsheets end in rows of nothing but commas.
        if record.text().iter().all(u8::is_ascii_whitespace) {
            return Ok(Read::Blank);
        }
        let parsed = self.parse(options);
        let record = self.reader.record();
        Ok(Read::from_parsed(parsed, record.place(), record.bytes()))
    }

    fn position(&self) -> Position<'_> {
        (&self.input).into()
    }

    fn fields(&self) -> &Fields {
        &self.fields
    }

    fn holds_rows(&self) -> bool {
        self.reader.record().holds_rows()
    }

    fn nothing(&self) -> &'static str {
        "a header and no rows"
    }
}

/// The names in a header that was read.
fn names(reader: &CsvReader, end: Option<CsvEnd>, options: &ReadOptions) -> Result<Vec<String>, Fault> {
    let record = reader.record();
    if let Some(fault) = end.and_then(|end| fault(reader, end)) {
        return Err(fault);
    }
    let fault = |(kind, offset)| Fault::new(record.place().after(&record.bytes()[..offset]), kind, record.bytes());
    Ok(match decode(record.bytes(), options.lossy).map_err(fault)? {
        Cow::Borrowed(_) => (0..record.len()).map(|i| record.field(i).to_owned()).collect(),
        Cow::Owned(text) => reader.split(&text),
    })
}

/// What is wrong with a record that is not complete.
fn fault(reader: &CsvReader, end: CsvEnd) -> Option<Fault> {
    let kind = match end {
        CsvEnd::Complete => return None,
        CsvEnd::OpenQuote => FaultKind::UnclosedQuote,
        CsvEnd::TooLong => FaultKind::TooLong { limit: MAX_RECORD },
    };
    Some(Fault::new(reader.record().place(), kind, reader.record().bytes()))
}
