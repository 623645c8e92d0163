//! Opening a file of interactions: its form, found by content, and the reading of it.

#[cfg(feature = "files")]
use std::path::Path;

use super::builder::Builder;
use super::columns;
use super::json::{JsonRows, shape};
use super::layout::Layout;
use super::part::{Columns, Named};
use super::rows::{Known, Rows, SAMPLE, Sample, Step};
use super::text::TextRows;
use super::{Fault, Reading, Sequences, SequencesError};
#[cfg(feature = "files")]
use crate::tables;
use crate::tables::{Input, Stream, delimiter};

/// Bytes by which a form is told.
const HEAD: usize = 1 << 16;
/// Malformed records that are kept as examples.
const EXAMPLES: usize = 3;

/// How interactions are to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Columns that are parts of an interaction under other than the usual names.
    pub named: Vec<Named>,
    /// Leave out and count malformed records, instead of stopping at the first.
    pub skip_malformed: bool,
}

/// Reads a file of interactions, gzip or not, a folder of Parquet parts, a pipe or standard input (`-`); an item is the row of
/// its id in `ids`.
///
/// # Errors
/// [`SequencesError`], naming file and place.
#[cfg(feature = "files")]
pub fn open(path: &Path, ids: &[String], options: &Options) -> Result<(Sequences, Reading), SequencesError> {
    #[cfg(feature = "parquet")]
    if tables::is_parquet(path) {
        return read(Box::new(super::parquet::ParquetRows::open(path)?), &Known::new(ids), options);
    }
    text(tables::open(path)?.into(), ids, options)
}

/// Reads interactions from any stream of text; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader(
    stream: impl Stream,
    name: &str,
    ids: &[String],
    options: &Options,
) -> Result<(Sequences, Reading), SequencesError> {
    text(Input::new(name.into(), Box::new(stream)), ids, options)
}

fn text(mut input: Input<'_>, ids: &[String], options: &Options) -> Result<(Sequences, Reading), SequencesError> {
    if input.look(HEAD)?.starts_with(b"\xef\xbb\xbf") {
        input.advance(3, 0);
    }
    let head = head(&mut input)?;
    if head.trim().is_empty() {
        return Err(SequencesError::Empty { name: input.name });
    }
    if let Some((what, remedy)) = foreign(&head) {
        return Err(SequencesError::Foreign { name: input.name, what, remedy });
    }
    let known = Known::new(ids);
    let rows: Box<dyn Rows + '_> = match shape(&head, &options.named) {
        Some(shape) => Box::new(JsonRows::new(input, shape)),
        None => {
            // Excel's first line and the line ends of old Macs; the separator is found by what it separates.
            delimiter(&mut input, None)?;
            let layout = Layout::of(&self::head(&mut input)?, &known, &options.named);
            Box::new(TextRows::new(input, layout)?)
        }
    };
    read(rows, &known, options)
}

/// The beginning of a text, up to the end of a line, left where it is.
fn head(input: &mut Input<'_>) -> Result<String, SequencesError> {
    let bytes = input.look(HEAD)?;
    let end = if bytes.len() < HEAD { None } else { bytes.iter().rposition(|&b| b == b'\n') };
    Ok(String::from_utf8_lossy(&bytes[..end.map_or(bytes.len(), |at| at + 1)]).into_owned())
}

/// What is no text of interactions, and what to do.
fn foreign(head: &str) -> Option<(&'static str, &'static str)> {
    let head = head.trim_start();
    if ["<!", "<html", "<?xml"].iter().any(|start| head.starts_with(start)) {
        return Some(("HTML or XML (an error page saved in place of the data?)", "Fetch the file again"));
    }
    head.contains('\0').then_some(("a binary file or UTF-16", "Export it as CSV, JSONL or Parquet, text in UTF-8"))
}

fn read(mut rows: Box<dyn Rows + '_>, known: &Known<'_>, options: &Options) -> Result<(Sequences, Reading), SequencesError> {
    let rows = rows.as_mut();
    if !options.named.is_empty() && !rows.has_columns() {
        return Err(SequencesError::NoColumns { name: rows.name().into(), form: rows.form() });
    }
    let mut malformed = Malformed { skip: options.skip_malformed, count: 0, first: Vec::new() };
    let sample = Sample::take(rows, |rows, what| malformed.meet(rows, rows.at(), what))?;
    if sample.is_empty() {
        return Err(SequencesError::Empty { name: rows.name().into() });
    }
    let columns = columns::find(rows, &sample, known, &options.named)?;
    let mut builder = Builder::new(known, columns);
    for row in &sample {
        builder.push(|column| row.cell(column).borrowed()).or_else(|what| malformed.meet(rows, row.at, what))?;
    }
    let mut ended = sample.len() < SAMPLE;
    drop(sample);
    while !ended {
        match rows.next()? {
            Step::End => ended = true,
            Step::Row => builder.push(|column| rows.cell(column)).or_else(|what| malformed.meet(rows, rows.at(), what))?,
            Step::Fault(what) => malformed.meet(rows, rows.at(), what)?,
        }
    }
    finish(rows, builder, columns, known, malformed)
}

fn finish(
    rows: &dyn Rows,
    mut builder: Builder<'_>,
    columns: Columns,
    known: &Known<'_>,
    malformed: Malformed,
) -> Result<(Sequences, Reading), SequencesError> {
    let (unknown_items, stranger) = (builder.strangers(), builder.first_stranger.take());
    let sequences = builder.finish();
    let name = || rows.name().to_string();
    if sequences.interactions() == 0 {
        return Err(SequencesError::Empty { name: name() });
    }
    let unknown_interactions = sequences.users().flat_map(|user| user.items).filter(|item| item.is_none()).count();
    let column = |column: Option<usize>| column.filter(|_| rows.has_columns()).map(|column| rows.names()[column].clone());
    let (item, list) = (column(columns.item), column(columns.list));
    if unknown_interactions == sequences.interactions() {
        return Err(SequencesError::Strangers {
            name: name(),
            items: unknown_items,
            found: stranger.unwrap_or_default(),
            known: known.example().into(),
            column: item.or(list),
        });
    }
    let used = [Some(columns.user), columns.item, columns.list, columns.time];
    let unused = (0..rows.names().len()).filter(|&column| !used.contains(&Some(column)));
    let reading = Reading {
        file: name(),
        form: rows.form().into(),
        user: column(Some(columns.user)),
        item,
        list,
        time: column(columns.time),
        left_out: unused.map(|column| rows.names()[column].clone()).collect(),
        users: sequences.len(),
        interactions: sequences.interactions(),
        unknown_items,
        unknown_interactions,
        skipped: malformed.count,
        first_skipped: malformed.first,
    };
    Ok((sequences, reading))
}

/// The rule for malformed records, and what it met.
struct Malformed {
    skip: bool,
    count: u64,
    first: Vec<Fault>,
}

impl Malformed {
    fn meet(&mut self, rows: &dyn Rows, at: crate::catalog::At, what: String) -> Result<(), SequencesError> {
        let fault = Fault { at, what };
        if !self.skip {
            return Err(SequencesError::Malformed { name: rows.name().into(), fault });
        }
        self.count += 1;
        if self.first.len() < EXAMPLES {
            self.first.push(fault);
        }
        Ok(())
    }
}
