//! The streaming reader: records in, items out, positions and counts kept.

use std::io::BufReader;
use std::path::Path;

use super::json;
#[cfg(feature = "parquet")]
use super::parquet::Rows;
use super::records::{Records, Taken};
use super::report::EXAMPLES;
use super::{At, CatalogError, Duplicates, Fault, FieldUse, Item, Malformed, ReadOptions, Report, sniff};

use crate::base::ids::Seen;
use crate::tables::{Input, Stream, TableError};

/// After a first malformed record, this many more are looked at to show others like it.
const LOOK_ON: usize = 1000;

/// Opens a catalogue file.
///
/// # Errors
/// The file cannot be opened, is empty, is no catalogue, or has no id column.
pub fn open(path: &Path, options: &ReadOptions) -> Result<Reader<'static>, CatalogError> {
    #[cfg(feature = "parquet")]
    if crate::tables::is_parquet(path) {
        return open_rows(path, options);
    }
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|source| TableError::Io { name: name.clone(), source })?;
    from_reader(BufReader::with_capacity(1 << 16, file), &name, options)
}

#[cfg(feature = "parquet")]
fn open_rows(path: &Path, options: &ReadOptions) -> Result<Reader<'static>, CatalogError> {
    let (rows, fields) = Rows::open(path, options)?;
    let input = Input::new(path.display().to_string(), Box::new(std::io::empty()));
    Ok(Reader::new(input, Records::Columns(Box::new(rows)), options, fields))
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
    let format = sniff::format(&mut input, options.format)?;
    let records = Records::new(&mut input, format, options)?;
    let fields = if let Records::Rows(table) = &records { table.field_uses(&options.fields) } else { Vec::new() };
    Ok(Reader::new(input, records, options, fields))
}

/// Iterates over the items of a catalogue; ends after its first error.
pub struct Reader<'a> {
    input: Input<'a>,
    records: Records,
    options: ReadOptions,
    fields: Vec<FieldUse>,
    seen: Seen,
    report: Report,
    item_at: At,
    done: bool,
}

/// What one step of reading gave.
enum Read {
    Item(Item, At),
    Fault(Fault),
    /// A fault after which no record can be found.
    Fatal(Fault),
    Blank,
    End,
}

impl<'a> Reader<'a> {
    fn new(input: Input<'a>, records: Records, options: &ReadOptions, fields: Vec<FieldUse>) -> Self {
        let (seen, report, item_at) = (Seen::default(), Report::default(), input.place.into());
        Self { input, records, options: options.clone(), fields, seen, report, item_at, done: false }
    }

    /// Counts so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Counts an item that a template finds no text in.
    pub fn count_without_text(&mut self, id: &str) {
        self.report.no_text(id);
    }

    /// Where the last item begins.
    pub fn item_at(&self) -> At {
        self.item_at
    }

    /// Bytes read so far, for progress against the file's size.
    pub fn bytes_read(&self) -> u64 {
        match &self.records {
            #[cfg(feature = "parquet")]
            Records::Columns(rows) => rows.bytes_read(),
            _ => self.input.place.byte,
        }
    }

    /// The name given at opening.
    pub fn name(&self) -> &str {
        &self.input.name
    }

    /// The fields of the file, and what they are read as: a table's header, or the fields of the first record.
    pub fn fields(&self) -> &[FieldUse] {
        &self.fields
    }

    fn next_item(&mut self) -> Result<Option<Item>, CatalogError> {
        loop {
            match self.read()? {
                Read::Item(mut item, at) => {
                    if item.id.is_empty() {
                        item.id = self.report.items.to_string();
                        self.report.numbered += 1;
                    }
                    if self.is_new(&item, at)? {
                        self.item_at = at;
                        self.report.items += 1;
                        return Ok(Some(item));
                    }
                }
                Read::Fault(fault) if self.options.malformed == Malformed::Skip => self.report.skip(fault),
                Read::Fault(fault) => return Err(self.malformed(fault)),
                Read::Fatal(fault) => return Err(self.error(vec![fault])),
                Read::Blank => {}
                Read::End => return self.end(),
            }
        }
    }

    fn is_new(&mut self, item: &Item, at: At) -> Result<bool, CatalogError> {
        if self.seen.insert(&item.id) {
            return Ok(true);
        }
        self.report.duplicate(&item.id);
        match self.options.duplicates {
            Duplicates::First => Ok(false),
            Duplicates::Stop => Err(CatalogError::Duplicate {
                name: self.input.name.clone(),
                at,
                id: item.id.clone(),
                remedy: "Make ids unique, or let the first win",
            }),
        }
    }

    /// The end of the file is an error where nothing came before it.
    fn end(&self) -> Result<Option<Item>, CatalogError> {
        if self.report.items > 0 {
            return Ok(None);
        }
        let why = match (&self.records, self.report.skipped) {
            (_, skipped @ 1..) => format!("all {skipped} records were malformed; the first: {}", self.report.first_skipped[0]),
            (Records::Rows(_), _) => "a header and no rows".into(),
            _ => "nothing but white space and brackets".into(),
        };
        Err(CatalogError::NoItems { name: self.input.name.clone(), at: self.end_place(), why })
    }

    fn end_place(&self) -> At {
        match &self.records {
            #[cfg(feature = "parquet")]
            Records::Columns(rows) => rows.at(),
            _ => self.input.place.into(),
        }
    }

    /// The error for a first fault, with those that follow soon.
    fn malformed(&mut self, first: Fault) -> CatalogError {
        let mut faults = vec![first];
        for _ in 0..LOOK_ON {
            match self.read() {
                Ok(Read::Fault(fault)) => faults.push(fault),
                Ok(Read::Item(..) | Read::Blank) => {}
                Ok(Read::Fatal(_) | Read::End) | Err(_) => break,
            }
            if faults.len() == EXAMPLES {
                break;
            }
        }
        self.error(faults)
    }

    fn error(&self, faults: Vec<Fault>) -> CatalogError {
        CatalogError::Malformed { name: self.input.name.clone(), faults }
    }

    fn read(&mut self) -> Result<Read, CatalogError> {
        #[cfg(feature = "parquet")]
        if let Records::Columns(rows) = &mut self.records {
            return Ok(rows.next_item(&self.options)?.map_or(Read::End, |(at, read)| match read {
                Ok(item) => Read::Item(item, at),
                Err((kind, record)) => Read::Fault(Fault::new(at, kind, record.as_bytes())),
            }));
        }
        self.input.skip_while(|b| matches!(b, b'\r' | b'\n'))?;
        if let Records::Array(scanner) = &mut self.records {
            match scanner.advance(&mut self.input)? {
                Ok(true) => {}
                Ok(false) => return Ok(Read::End),
                Err(kind) => return Ok(Read::Fatal(Fault::new(self.input.place.into(), kind, b""))),
            }
        } else if self.input.peek()?.is_none() {
            return Ok(Read::End);
        }
        let place = self.input.place;
        let mut record = Vec::new();
        match self.records.take(&mut self.input, &mut record)? {
            Taken::Record => {}
            Taken::Blank => return Ok(Read::Blank),
            Taken::Fault(kind) => return Ok(Read::Fault(Fault::new(place.into(), kind, &record))),
            Taken::Fatal(kind) => return Ok(Read::Fatal(Fault::new(place.into(), kind, &record))),
        }
        Ok(match self.records.parse(&record, &self.options) {
            Ok(item) => {
                if self.fields.is_empty() {
                    self.fields = json::field_uses(&String::from_utf8_lossy(&record), &self.options.fields);
                }
                Read::Item(item, place.into())
            }
            Err((kind, offset)) => {
                let line = place.line + record[..offset].iter().filter(|&&b| b == b'\n').count() as u64;
                Read::Fault(Fault::new(At::Line { line, byte: place.byte + offset as u64 }, kind, &record))
            }
        })
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Item, CatalogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.next_item().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}
