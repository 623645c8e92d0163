//! One record of delimited text, and its fields.

use std::ops::Range;

use csv_core::{ReadRecordResult, Reader};
use memchr::memchr_iter;

use super::input::Place;

/// One record.
#[derive(Default)]
pub(crate) struct Record {
    /// As it stands in the file, the line break included.
    pub(super) bytes: Vec<u8>,
    pub(super) place: Place,
    pub(super) fields: Fields,
    pub(super) holds_rows: bool,
}

/// Unquoted fields, one after the other.
#[derive(Default)]
pub(super) struct Fields {
    /// The fields are the first `written` bytes.
    pub(super) text: Vec<u8>,
    pub(super) written: usize,
    /// Where each of the first `count` fields ends in `text`.
    pub(super) ends: Vec<usize>,
    pub(super) count: usize,
}

impl Record {
    /// Where it begins.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// The record as it stands in the file, the line break included.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of fields.
    pub(crate) fn len(&self) -> usize {
        self.fields.count
    }

    /// Field `i`, unquoted.
    ///
    /// # Panics
    /// The record is not UTF-8.
    pub(crate) fn field(&self, i: usize) -> &str {
        // Records are cut, and quotes dropped, at ASCII bytes only.
        std::str::from_utf8(&self.fields.text[self.fields.range(i)]).expect("a part of a record in UTF-8")
    }

    /// All fields together, unquoted.
    pub(crate) fn text(&self) -> &[u8] {
        &self.fields.text[..self.fields.written]
    }

    /// Number of fields without the empty ones at the end, as far as they are more than `least`.
    pub(super) fn without_empty_end(&self, least: usize) -> usize {
        let filled = (least..self.len()).rev().find(|&i| !self.fields.range(i).is_empty());
        filled.map_or(least.min(self.len()), |last| last + 1)
    }

    /// Whether every line of a quoted field over several lines could be a record: perhaps its quotes do not belong together.
    pub(crate) fn holds_rows(&self) -> bool {
        self.holds_rows
    }

    pub(super) fn begin(&mut self, place: Place) {
        self.bytes.clear();
        (self.place, self.holds_rows) = (place, false);
        (self.fields.written, self.fields.count) = (0, 0);
    }
}

impl Fields {
    /// Where field `i` stands in the text.
    pub(super) fn range(&self, i: usize) -> Range<usize> {
        i.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[i]
    }

    /// Splits a line without quoted fields.
    pub(super) fn split(&mut self, line: &[u8], delimiter: u8) {
        if self.text.len() < line.len() {
            self.text.resize(line.len(), 0);
        }
        let mut start = 0;
        for end in memchr_iter(delimiter, line).chain([line.len()]) {
            let written = self.written + end - start;
            self.text[self.written..written].copy_from_slice(&line[start..end]);
            if self.count == self.ends.len() {
                grow(&mut self.ends);
            }
            self.ends[self.count] = written;
            (self.written, self.count, start) = (written, self.count + 1, end + 1);
        }
    }

    /// Parses bytes of a record, none at the file's end: whether they end it.
    pub(super) fn feed(&mut self, parser: &mut Reader, mut bytes: &[u8]) -> bool {
        loop {
            let (text, ends) = (&mut self.text[self.written..], &mut self.ends[self.count..]);
            let (result, read, written, count) = parser.read_record(bytes, text, ends);
            bytes = &bytes[read..];
            self.written += written;
            self.count += count;
            match result {
                ReadRecordResult::OutputFull => grow(&mut self.text),
                ReadRecordResult::OutputEndsFull => grow(&mut self.ends),
                ReadRecordResult::InputEmpty => return false,
                ReadRecordResult::Record | ReadRecordResult::End => return true,
            }
        }
    }

    /// Carriage returns before a line break are no part of the last field.
    pub(super) fn drop_carriage_returns(&mut self, record: &[u8]) {
        let line = record.strip_suffix(b"\n").unwrap_or(record);
        let dropped = line.iter().rev().take_while(|&&b| b == b'\r').count();
        if let Some(last) = self.count.checked_sub(1) {
            self.ends[last] -= dropped;
        }
    }
}

fn grow<T: Clone + Default>(buffer: &mut Vec<T>) {
    buffer.resize((2 * buffer.len()).max(64), T::default());
}
