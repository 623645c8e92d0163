//! Records of delimited text (CSV, TSV), one at a time, with the place of each.
//!
//! Fields are split by `csv-core` after RFC 4180, leniently: a quote inside an unquoted field is a character. Only `\n`
//! ends a record; carriage returns before it are dropped. The crate `csv` around it cannot serve here: a message about a
//! bad record shows the record as it stands in the file, and a quote that is never closed must not swallow the rest of
//! the file, but `csv` keeps neither the bytes nor the state of the quotes.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use super::TableError;
use super::input::{Input, MAX_RECORD, Place, newlines};

/// Splits a stream into records.
pub(crate) struct CsvReader {
    delimiter: u8,
    parser: Reader,
    record: Record,
}

/// One record.
#[derive(Default)]
pub(crate) struct Record {
    /// As it stands in the file, the line break included.
    bytes: Vec<u8>,
    place: Place,
    /// Unquoted fields, one after the other, in the first `written` bytes.
    text: Vec<u8>,
    written: usize,
    /// Where each of the first `count` fields ends in `text`.
    ends: Vec<usize>,
    count: usize,
}

/// How reading a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CsvEnd {
    /// The record is whole.
    Complete,
    /// Longer than [`MAX_RECORD`]: it was read to the end of its line, but only so many bytes were kept.
    TooLong,
    /// A quote is never closed. The record is the line on which it begins; the next one follows that line.
    OpenQuote,
}

impl CsvReader {
    /// A reader of records whose fields are separated by `delimiter`.
    pub(crate) fn new(delimiter: u8) -> Self {
        Self { delimiter, parser: parser(delimiter), record: Record::default() }
    }

    /// The byte between fields.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The record that was read last.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Reads the next record, blank lines passed over; nothing at the end of the file.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn read(&mut self, input: &mut Input<'_>) -> Result<Option<CsvEnd>, TableError> {
        input.skip_while(|b| matches!(b, b'\r' | b'\n'))?;
        if input.peek()?.is_none() {
            return Ok(None);
        }
        self.record.begin(input.place);
        let ended = self.take(input)?;
        // Inside quotes, and only there, a line break does not end a record.
        if !ended && !self.record.feed(&mut self.parser, b"\n").0 {
            self.keep_a_line(input);
            return Ok(Some(CsvEnd::OpenQuote));
        }
        if !ended && input.peek()?.is_some() {
            input.skip_past(b'\n')?;
            return Ok(Some(CsvEnd::TooLong));
        }
        self.record.drop_carriage_returns();
        Ok(Some(CsvEnd::Complete))
    }

    /// Reads up to the record's end: false where the file, or the room for a record, ends first.
    fn take(&mut self, input: &mut Input<'_>) -> Result<bool, TableError> {
        loop {
            let ahead = input.ahead()?;
            let room = MAX_RECORD - self.record.bytes.len();
            if ahead.is_empty() || room == 0 {
                return Ok(false);
            }
            let (ended, read) = self.record.feed(&mut self.parser, &ahead[..ahead.len().min(room)]);
            self.record.bytes.extend_from_slice(&ahead[..read]);
            let newlines = newlines(&ahead[..read]);
            input.advance(read, newlines);
            if ended {
                return Ok(true);
            }
        }
    }

    /// A quote that never closes has swallowed good records: only the line on which it opens is lost.
    fn keep_a_line(&mut self, input: &mut Input<'_>) {
        let Record { bytes, place, .. } = &mut self.record;
        let line = bytes.iter().position(|&b| b == b'\n').map_or(bytes.len(), |at| at + 1);
        input.give_back(&bytes[line..], Place { line: place.line + 1, byte: place.byte + line as u64 });
        bytes.truncate(line);
        self.parser = parser(self.delimiter);
    }
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
        self.count
    }

    /// Field `i`, unquoted.
    ///
    /// # Panics
    /// The record is not UTF-8.
    pub(crate) fn field(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        // Records are cut, and quotes dropped, at ASCII bytes only.
        std::str::from_utf8(&self.text[start..self.ends[i]]).expect("a part of a record in UTF-8")
    }

    fn begin(&mut self, place: Place) {
        self.bytes.clear();
        (self.place, self.written, self.count) = (place, 0, 0);
    }

    /// Parses `bytes`, none at the file's end: whether the record is complete, and how many of them belong to it.
    fn feed(&mut self, parser: &mut Reader, bytes: &[u8]) -> (bool, usize) {
        let mut read = 0;
        loop {
            let (text, ends) = (&mut self.text[self.written..], &mut self.ends[self.count..]);
            let (result, consumed, written, count) = parser.read_record(&bytes[read..], text, ends);
            read += consumed;
            self.written += written;
            self.count += count;
            match result {
                ReadRecordResult::OutputFull => grow(&mut self.text),
                ReadRecordResult::OutputEndsFull => grow(&mut self.ends),
                ReadRecordResult::InputEmpty => return (false, read),
                ReadRecordResult::Record | ReadRecordResult::End => return (true, read),
            }
        }
    }

    /// Carriage returns before a line break are no part of the last field.
    fn drop_carriage_returns(&mut self) {
        let line = self.bytes.strip_suffix(b"\n").unwrap_or(&self.bytes);
        let dropped = line.iter().rev().take_while(|&&b| b == b'\r').count();
        if let Some(last) = self.count.checked_sub(1) {
            self.ends[last] -= dropped;
        }
    }
}

/// The fields of one record at hand.
pub(crate) fn split(record: &str, delimiter: u8) -> Vec<String> {
    let (mut parser, mut fields) = (parser(delimiter), Record::default());
    let text = record.trim_end_matches(['\r', '\n']);
    fields.feed(&mut parser, text.as_bytes());
    fields.feed(&mut parser, &[]);
    (0..fields.len()).map(|i| fields.field(i).to_owned()).collect()
}

/// The most frequent of comma, semicolon and tab in a header; the comma on a tie.
pub(crate) fn guess_delimiter(header: &str) -> u8 {
    let count = |d: u8| header.bytes().filter(|&b| b == d).count();
    [b'\t', b';', b','].into_iter().max_by_key(|&d| count(d)).unwrap_or(b',')
}

/// A parser at the beginning of a record.
fn parser(delimiter: u8) -> Reader {
    let mut parser = ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
    // It would drop a byte-order mark from the first bytes that it sees, which are not always a file's first.
    parser.read_record(b"\n", &mut [0], &mut [0]);
    parser
}

fn grow<T: Clone + Default>(buffer: &mut Vec<T>) {
    buffer.resize((2 * buffer.len()).max(64), T::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields, or how else the record ended.
    fn read(text: &str) -> Vec<Result<Vec<String>, (CsvEnd, String)>> {
        let mut input = Input::new("a.csv".into(), Box::new(text.as_bytes()));
        let mut reader = CsvReader::new(b',');
        let mut records = Vec::new();
        while let Some(end) = reader.read(&mut input).unwrap() {
            let record = reader.record();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            records.push(match end {
                CsvEnd::Complete => Ok((0..record.len()).map(|i| record.field(i).to_owned()).collect()),
                end => Err((end, text(&record.bytes()[..record.bytes().len().min(20)]))),
            });
        }
        assert_eq!(input.place.byte, text.len() as u64);
        assert_eq!(input.place.line, 1 + text.matches('\n').count() as u64);
        records
    }

    fn fields(fields: &[&str]) -> Result<Vec<String>, (CsvEnd, String)> {
        Ok(fields.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn fields_split_by_rfc_4180_and_leniently() {
        for (record, expected) in [
            ("a,b\r\n", ["a", "b"]),
            (r#""a,""b""",5" screen"#, [r#"a,"b""#, r#"5" screen"#]),
            (r#""x"y,"x"y"z""#, ["xy", r#"xy"z""#]),
            ("\"two\nlines\",", ["two\nlines", ""]),
            ("a\rb,c\r\r\n", ["a\rb", "c"]),
            ("a,\"b\r\"\r\n", ["a", "b\r"]),
            ("\u{feff}a,b", ["\u{feff}a", "b"]),
        ] {
            assert_eq!(read(record), [fields(&expected)], "{record:?}");
            assert_eq!(split(record, b','), expected, "{record:?}");
        }
        assert_eq!(split("a,\"b,c", b','), ["a", "b,c"]);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        let open = |line: &str| Err((CsvEnd::OpenQuote, line.to_string()));
        assert_eq!(read("1,\"a\n\n2,b\n"), [open("1,\"a\n"), fields(&["2", "b"])]);
        assert_eq!(read("1,a\n2,\"b\n"), [fields(&["1", "a"]), open("2,\"b\n")]);
        // Past the room for a record nobody looks for the closing quote.
        let long = format!("1,\"a\n2,{}\"\n", "b".repeat(MAX_RECORD));
        assert_eq!(read(&long)[0], open("1,\"a\n"));
    }

    #[test]
    fn a_record_has_room_for_so_many_bytes_and_no_more() {
        let line = |length: usize| format!("1,{}\n2,b\n", "x".repeat(length - 3));
        let (whole, long) = (read(&line(MAX_RECORD)), read(&line(MAX_RECORD + 1)));
        assert_eq!((whole[0].as_ref().unwrap()[1].len(), &whole[1]), (MAX_RECORD - 3, &fields(&["2", "b"])));
        assert_eq!(long, [Err((CsvEnd::TooLong, format!("1,{}", "x".repeat(18)))), fields(&["2", "b"])]);
        let last = line(MAX_RECORD + 1);
        assert!(read(&last[..MAX_RECORD])[0].is_ok());
    }

    #[test]
    fn the_delimiter_is_the_most_frequent_one() {
        assert_eq!(["a,b", "a;b;c,d", "a\tb", "a", "a;b,c"].map(guess_delimiter), [b',', b';', b'\t', b',', b',']);
    }
}
