//! CSV and TSV by RFC 4180, leniently: a quote inside an unquoted field is a character.

use super::fields::{Raw, field_use, id_names, item, lookup};
use super::{CatalogError, FaultKind, FieldUse, Format, Item, Named, Part, ReadOptions};
use crate::tables::{End, Input, MAX_RECORD};

/// A table whose header was read.
#[derive(Debug)]
pub(super) struct Table {
    delimiter: u8,
    width: usize,
    /// Column, part and rank of each known name.
    columns: Vec<(usize, Part, usize)>,
    names: Vec<String>,
}

/// Where a scan stands in a record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: its end, or half of an escaped quote.
    QuoteSeen,
}

/// What a byte does.
enum Step {
    Keep,
    Drop,
    EndField,
    EndRecord,
}

impl State {
    fn step(&mut self, byte: u8, delimiter: u8) -> Step {
        let (next, step) = match (*self, byte) {
            (Self::Quoted, b'"') => (Self::QuoteSeen, Step::Drop),
            (Self::Quoted, _) => (Self::Quoted, Step::Keep),
            (Self::QuoteSeen, b'"') => (Self::Quoted, Step::Keep),
            (Self::FieldStart, b'"') => (Self::Quoted, Step::Drop),
            (_, b'\n') => (Self::FieldStart, Step::EndRecord),
            (_, b) if b == delimiter => (Self::FieldStart, Step::EndField),
            _ => (Self::Plain, Step::Keep),
        };
        *self = next;
        step
    }
}

/// Reads one record, line breaks inside quotes included. The flag says that a quote was left open.
pub(super) fn take_record(input: &mut Input<'_>, delimiter: u8, record: &mut Vec<u8>) -> Result<(End, bool), CatalogError> {
    let (mut state, mut length) = (State::default(), 0);
    let end = input.take(record, |byte| {
        length += 1;
        // Past the limit an open quote was forgotten: stop, so that it can be given back.
        matches!(state.step(byte, delimiter), Step::EndRecord) || (state == State::Quoted && length >= MAX_RECORD)
    })?;
    Ok((end, state == State::Quoted))
}

/// Fields of a record, unquoted.
fn split(record: &str, delimiter: u8) -> Vec<String> {
    let mut fields = vec![Vec::new()];
    let mut state = State::default();
    for &byte in record.trim_end_matches(['\r', '\n']).as_bytes() {
        match state.step(byte, delimiter) {
            Step::Keep | Step::EndRecord => fields.last_mut().expect("never empty").push(byte),
            Step::Drop => {}
            Step::EndField => fields.push(Vec::new()),
        }
    }
    // Cut at ASCII bytes only, so every part is UTF-8 still.
    fields.into_iter().map(|f| String::from_utf8(f).expect("parts of a string")).collect()
}

impl Table {
    /// Understands a header.
    pub(super) fn new(header: &str, format: Format, name: &str, options: &ReadOptions) -> Result<Self, CatalogError> {
        let delimiter = if format == Format::Tsv { b'\t' } else { sniff_delimiter(header) };
        let mut names = split(header, delimiter);
        if format == Format::Tsv {
            // RecBole writes `title:token_seq`.
            names.iter_mut().for_each(|n| n.truncate(n.find(':').unwrap_or(n.len())));
        }
        let known = names.iter().enumerate().filter_map(|(i, n)| lookup(n, &options.fields).map(|(part, rank)| (i, part, rank)));
        let columns: Vec<_> = known.collect();
        require_id(columns.iter().map(|c| c.1), &names, name, options)?;
        Ok(Self { delimiter, width: names.len(), columns, names })
    }

    /// The columns, and what they are read as.
    pub(super) fn field_uses(&self, named: &[Named]) -> Vec<FieldUse> {
        self.names.iter().map(|name| field_use(name.clone(), named)).collect()
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Parses one row.
    pub(super) fn parse(&self, record: &str) -> Result<Item, FaultKind> {
        let cells = split(record, self.delimiter);
        if cells.len() != self.width {
            return Err(FaultKind::Ragged { expected: self.width, found: cells.len() });
        }
        item(self.columns.iter().map(|&(column, part, rank)| (part, rank, Raw::Cell(&cells[column]))).collect())
    }
}

/// A table needs ids, or leave to number its rows.
pub(super) fn require_id(
    mut parts: impl Iterator<Item = Part>,
    columns: &[String],
    name: &str,
    options: &ReadOptions,
) -> Result<(), CatalogError> {
    if options.number || parts.any(|part| part == Part::Id) {
        return Ok(());
    }
    let given = options.fields.iter().find(|named| named.part == Part::Id);
    let expected = given.map_or_else(id_names, |named| named.field.clone());
    Err(CatalogError::NoIdColumn { name: name.into(), columns: columns.to_vec(), expected })
}

/// The most frequent of comma, semicolon and tab in the header; the comma on a tie.
fn sniff_delimiter(header: &str) -> u8 {
    let count = |d: u8| header.bytes().filter(|&b| b == d).count();
    [b'\t', b';', b','].into_iter().max_by_key(|&d| count(d)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_split_by_rfc_4180_and_leniently() {
        assert_eq!(split("a,b\r\n", b','), ["a", "b"]);
        assert_eq!(split(r#""a,""b""",5" screen,"x"y"#, b','), [r#"a,"b""#, r#"5" screen"#, "xy"]);
        assert_eq!(split("\"two\nlines\",", b','), ["two\nlines", ""]);
    }
}
