//! Items from the rows of a CSV or TSV file.

use std::borrow::Cow;

use super::fields::{Raw, item};
use super::header::Header;
use super::records::{Position, Read, Records, decode};
use super::{CatalogError, Fault, FaultKind, FieldUse, Format, Item, ReadOptions};
use crate::tables::{CsvEnd, CsvReader, Input, MAX_RECORD, Record, guess_delimiter, split};

/// Rows of a table whose header was read.
pub(super) struct CsvRecords<'a> {
    input: Input<'a>,
    reader: CsvReader,
    header: Header,
}

impl<'a> CsvRecords<'a> {
    /// Reads the header and finds the parts of an item in it.
    ///
    /// # Errors
    /// The header is not UTF-8, or has no column of ids.
    pub(super) fn new(mut input: Input<'a>, format: Format, options: &ReadOptions) -> Result<Self, CatalogError> {
        let (place, mut line) = (input.place, Vec::new());
        input.take(&mut line, |b| b == b'\n')?;
        let line = decode(&line, options.lossy).map_err(|(kind, offset)| CatalogError::Malformed {
            name: input.name.clone(),
            faults: vec![Fault::new(place.after(&line[..offset]), kind, &line)],
        })?;
        let tab = (format == Format::Tsv).then_some(b'\t');
        let delimiter = options.delimiter.or(tab).unwrap_or_else(|| guess_delimiter(&line));
        let mut names = split(&line, delimiter);
        if format == Format::Tsv {
            // RecBole writes `title:token_seq`.
            names.iter_mut().for_each(|name| name.truncate(name.find(':').unwrap_or(name.len())));
        }
        let header = Header::new(names, &input.name, options)?;
        Ok(Self { input, reader: CsvReader::new(delimiter), header })
    }

    fn parse(&self, options: &ReadOptions) -> Result<Item, (FaultKind, usize)> {
        let record = self.reader.record();
        let item = match decode(record.bytes(), options.lossy)? {
            Cow::Borrowed(_) => self.item(record.len(), |i| record.field(i), options),
            Cow::Owned(text) => {
                let cells = split(&text, self.reader.delimiter());
                self.item(cells.len(), |i| &cells[i], options)
            }
        };
        item.map_err(|kind| (kind, 0))
    }

    fn item<'c>(&self, count: usize, cell: impl Fn(usize) -> &'c str, options: &ReadOptions) -> Result<Item, FaultKind> {
        let expected = self.header.columns.len();
        if count != expected {
            return Err(FaultKind::Ragged { expected, found: count });
        }
        let known = self.header.known.iter();
        item(known.map(|&(column, part, rank)| (part, rank, Raw::Cell(cell(column)))).collect(), options)
    }

    /// Spreadsheets end in rows of nothing but commas.
    fn is_blank(&self, record: &Record) -> bool {
        record.bytes().iter().all(|&b| b == self.reader.delimiter() || b.is_ascii_whitespace())
    }
}

impl Records for CsvRecords<'_> {
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError> {
        let Some(end) = self.reader.read(&mut self.input)? else { return Ok(Read::End) };
        let record = self.reader.record();
        let fault = |kind| Read::Fault(Fault::new(record.place(), kind, record.bytes()));
        Ok(match end {
            CsvEnd::OpenQuote => fault(FaultKind::UnclosedQuote),
            CsvEnd::TooLong => fault(FaultKind::TooLong { limit: MAX_RECORD }),
            CsvEnd::Complete if self.is_blank(record) => Read::Blank,
            CsvEnd::Complete => Read::from_parsed(self.parse(options), record.place(), record.bytes()),
        })
    }

    fn position(&self) -> Position<'_> {
        (&self.input).into()
    }

    fn fields(&self) -> &[FieldUse] {
        &self.header.columns
    }

    fn nothing(&self) -> &'static str {
        "a header and no rows"
    }
}
