//! Rows of a text: CSV and its relatives, MovieLens' `::`, and lines of a user and its items.

use std::ops::Range;

use super::cell::Cell;
use super::layout::{Layout, Separator, untyped};
use super::part::Columns;
use super::rows::{Rows, Step};
use super::{Fault, SequencesError};
use crate::catalog::{At, FaultKind};
use crate::tables::{CsvEnd, CsvReader, End, Input, MAX_RECORD, Place, TableError};

type CsvRead = Result<Option<CsvEnd>, TableError>;

/// A text as rows.
pub(super) struct TextRows<'a> {
    input: Input<'a>,
    separator: Separator,
    csv: CsvReader,
    /// The line, where it is not CSV, and its values.
    line: Vec<u8>,
    values: Vec<Range<usize>>,
    place: Place,
    names: Vec<String>,
    typed_lists: Vec<bool>,
    columns: Option<Columns>,
    /// Whether a line is all that a user did.
    is_lines: bool,
}

impl<'a> TextRows<'a> {
    /// Reads the header, if there is one.
    ///
    /// # Errors
    /// The file or its header cannot be read.
    pub(super) fn new(input: Input<'a>, layout: Layout) -> Result<Self, SequencesError> {
        let (separator, columns) = match layout {
            Layout::Header(separator) => (separator, None),
            Layout::Rows(separator, columns) => (separator, columns),
            Layout::Lines(separator) => (separator, Some(Columns { list: Some(1), ..Columns::default() })),
        };
        let delimiter = if let Separator::Char(delimiter) = separator { delimiter } else { b',' };
        let mut rows = Self {
            input,
            separator,
            csv: CsvReader::new(delimiter),
            line: Vec::new(),
            values: Vec::new(),
            place: Place::default(),
            names: Vec::new(),
            typed_lists: Vec::new(),
            columns,
            is_lines: matches!(layout, Layout::Lines(_)),
        };
        match layout {
            Layout::Header(_) => rows.read_header()?,
            Layout::Rows(..) => {}
            Layout::Lines(_) => rows.names = vec!["user".into(), "items".into()],
        }
        Ok(rows)
    }

    fn read_header(&mut self) -> Result<(), SequencesError> {
        let step = match self.separator {
            Separator::Char(_) => self.read_csv(CsvReader::read_header)?,
            _ => self.read()?,
        };
        if let Step::Fault(what) = step {
            let fault = Fault { at: self.at(), what };
            return Err(SequencesError::Malformed { name: self.input.name.clone(), fault });
        }
        for column in 0..self.width() {
            let (name, is_list) = untyped(self.value(column));
            let name = name.to_string();
            self.names.push(name);
            self.typed_lists.push(is_list);
        }
        Ok(())
    }

    /// Reads the next record into its values.
    fn read(&mut self) -> Result<Step, SequencesError> {
        if matches!(self.separator, Separator::Char(_)) {
            return self.read_csv(CsvReader::read);
        }
        self.input.skip_while(|b| b.is_ascii_whitespace())?;
        if self.input.peek()?.is_none() {
            return Ok(Step::End);
        }
        self.place = self.input.place;
        self.values.clear();
        self.line.clear();
        if self.input.take(&mut self.line, |b| b == b'\n')? == End::TooLong {
            return Ok(Step::Fault(FaultKind::TooLong { limit: MAX_RECORD }.to_string()));
        }
        Ok(match std::str::from_utf8(&self.line) {
            Err(error) => self.not_utf8(&error),
            Ok(line) => {
                let spans = |part: &str| {
                    let start = part.as_ptr() as usize - line.as_ptr() as usize;
                    start..start + part.len()
                };
                match self.separator {
                    Separator::Colons => self.values.extend(line.trim_end().split("::").map(spans)),
                    _ => self.values.extend(line.split_whitespace().map(spans)),
                }
                Step::Row
            }
        })
    }

    fn read_csv(&mut self, read: impl Fn(&mut CsvReader, &mut Input<'_>) -> CsvRead) -> Result<Step, SequencesError> {
        let Some(end) = read(&mut self.csv, &mut self.input)? else { return Ok(Step::End) };
        self.place = self.csv.record().place();
        Ok(match end {
            CsvEnd::OpenQuote => Step::Fault(FaultKind::UnclosedQuote.to_string()),
            CsvEnd::TooLong => Step::Fault(FaultKind::TooLong { limit: MAX_RECORD }.to_string()),
            CsvEnd::Complete => match std::str::from_utf8(self.csv.record().bytes()) {
                Err(error) => self.not_utf8(&error),
                Ok(_) => Step::Row,
            },
        })
    }

    fn not_utf8(&self, error: &std::str::Utf8Error) -> Step {
        Step::Fault(format!("byte {} of the line is not UTF-8", error.valid_up_to() + 1))
    }

    fn width(&self) -> usize {
        if matches!(self.separator, Separator::Char(_)) { self.csv.record().len() } else { self.values.len() }
    }

    fn value(&self, column: usize) -> &str {
        match self.separator {
            // Empty values at the end of a row may be left out.
            Separator::Char(_) if column >= self.csv.record().len() => "",
            Separator::Char(_) => self.csv.record().field(column),
            _ => std::str::from_utf8(&self.line[self.values[column].clone()]).expect("a part of a line in UTF-8"),
        }
    }

    fn is_blank(&self) -> bool {
        (0..self.width()).all(|column| self.value(column).trim().is_empty())
    }
}

impl Rows for TextRows<'_> {
    fn name(&self) -> &str {
        &self.input.name
    }

    fn form(&self) -> &'static str {
        if self.is_lines { "lines of a user and its items" } else { "rows of a table" }
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn next(&mut self) -> Result<Step, SequencesError> {
        let mut step = self.read()?;
        // Spreadsheets end in rows of nothing but commas.
        while step == Step::Row && self.is_blank() {
            step = self.read()?;
        }
        if step != Step::Row || self.is_lines {
            return Ok(step);
        }
        if self.names.is_empty() {
            self.names = (1..=self.width()).map(|column| format!("column {column}")).collect();
        }
        let (found, expected) = (self.width(), self.names.len());
        let has_header = !self.typed_lists.is_empty();
        let fits = found == expected || (has_header && matches!(self.separator, Separator::Char(_)) && self.csv.fits());
        let first = if has_header { "the header" } else { "the first row" };
        Ok(if fits { Step::Row } else { Step::Fault(format!("{found} values, {first} has {expected}")) })
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        if self.is_lines && column == 1 {
            return Cell::List((1..self.width()).map(|i| self.value(i).trim().into()).collect());
        }
        Cell::text(self.value(column))
    }

    fn at(&self) -> At {
        self.place.into()
    }

    fn columns(&self) -> Option<Columns> {
        self.columns
    }

    fn has_columns(&self) -> bool {
        !self.is_lines
    }

    fn is_typed_list(&self, column: usize) -> bool {
        self.typed_lists.get(column).copied().unwrap_or(false)
    }
}
