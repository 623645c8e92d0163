//! Records of delimited text (CSV, TSV), one at a time, with the place of each.
//!
//! Fields are split by `csv-core` after RFC 4180, leniently: a quote inside an unquoted field is a character. Only `\n`
//! ends a record; carriage returns before it are dropped. Where a record ends is found here rather than by the crate `csv`,
//! for a quote that is never closed must not swallow the rest of the file: a field may go on over line breaks only if its
//! quote closes it, right before a delimiter or a line end.
//!
//! Some programs (MySQL, Spark) double no quotes but put a backslash before them. From the first quote on that can be
//! explained by nothing else, a backslash escapes quotes and backslashes in the quoted fields of a file.

use csv_core::{Reader, ReaderBuilder, Terminator};

use super::TableError;
use super::input::{End, Input};
use super::quotes::{Close, close, escapes, opening, rows_inside};
use super::record::Record;

/// Splits a stream into records.
pub(crate) struct CsvReader {
    delimiter: u8,
    parser: Reader,
    record: Record,
    /// Fields of the header, and how many of them there are without nameless ones at its end; 0 before it was read.
    columns: usize,
    named: usize,
    /// Whether some field of the record begins with a quote.
    is_quoted: bool,
    /// Where quotes stand in the record that are characters although a field begins with them.
    stray: Vec<usize>,
    /// Where backslashes stand in the record that are there only to escape what follows.
    backslashes: Vec<usize>,
    /// Whether backslashes escape quotes.
    escapes: bool,
}

/// How reading a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CsvEnd {
    /// The record is whole.
    Complete,
    /// Longer than [`super::MAX_RECORD`]: it was read to the end of its line, but only so many bytes were kept.
    TooLong,
    /// A quote is never closed. The record ends with the line on which it opens; the next one follows that line.
    OpenQuote,
}

impl CsvReader {
    /// A reader of records whose fields are separated by `delimiter`.
    ///
    /// Between tabs a quote that closes no field is a character. In other tables it is a fault, unless it is closed on its
    /// own line.
    pub(crate) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            parser: parser(delimiter),
            record: Record::default(),
            columns: 0,
            named: 0,
            is_quoted: false,
            stray: Vec::new(),
            backslashes: Vec::new(),
            escapes: false,
        }
    }

    /// The record that was read last.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Reads the header, which is a record too.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn read_header(&mut self, input: &mut Input<'_>) -> Result<Option<CsvEnd>, TableError> {
        let end = self.read(input)?;
        self.columns = self.record.len();
        self.named = self.record.without_empty_end(0);
        Ok(end)
    }

    /// Whether the record has the fields of the header. Programs that end every row, or only the header, in a delimiter
    /// write one more field, which is empty: such fields make no difference.
    pub(crate) fn fits(&self) -> bool {
        (self.named..=self.columns).contains(&self.record.without_empty_end(self.columns))
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
        self.is_quoted = false;
        self.stray.clear();
        self.backslashes.clear();
        let end = self.take(input)?;
        if end == CsvEnd::Complete {
            self.parse();
        }
        Ok(Some(end))
    }

    /// Takes the lines of a record.
    fn take(&mut self, input: &mut Input<'_>) -> Result<CsvEnd, TableError> {
        if input.take_line(&mut self.record.bytes)? == End::TooLong {
            return Ok(CsvEnd::TooLong);
        }
        let mut from = 0;
        while let Some(open) = opening(&self.record.bytes, from, self.delimiter) {
            self.is_quoted = true;
            let end_of_line = self.record.bytes.len();
            from = match self.close(input, open)? {
                Close::At(at) => {
                    if self.escapes {
                        self.backslashes.extend(escapes(&self.record.bytes, open + 1..at));
                    }
                    at + 1
                }
                Close::Broken(at) if at < end_of_line && self.delimiter != b'\t' => at + 1,
                Close::Broken(_) | Close::Never => {
                    self.give_back(input, end_of_line);
                    if self.delimiter != b'\t' {
                        return Ok(CsvEnd::OpenQuote);
                    }
                    self.stray.push(open);
                    open + 1
                }
            };
        }
        Ok(CsvEnd::Complete)
    }

    /// Looks for the end of the field that a quote opens, taking more lines for as long as it goes on.
    fn close(&mut self, input: &mut Input<'_>, open: usize) -> Result<Close, TableError> {
        let (bytes, mut from) = (&mut self.record.bytes, open + 1);
        let end_of_line = bytes.len();
        loop {
            match close(bytes, from, self.delimiter, self.escapes) {
                Close::Broken(at) if !self.escapes && bytes[at - 1] == b'\\' => {
                    self.escapes = true;
                    from = open + 1;
                }
                Close::Never => {
                    from = bytes.len();
                    let end = input.fill_line(bytes)?;
                    if end == End::TooLong || bytes.len() == from {
                        return Ok(Close::Never);
                    }
                }
                Close::At(at) if at >= end_of_line && rows_inside(bytes, self.delimiter, self.columns) => {
                    // Tables of tabs hardly ever quote, so the rows are rows. Other tables are read as they are written.
                    self.record.holds_rows = self.delimiter != b'\t';
                    return Ok(if self.record.holds_rows { Close::At(at) } else { Close::Never });
                }
                found => return Ok(found),
            }
        }
    }

    /// Gives back what was taken past byte `end` of the record.
    fn give_back(&mut self, input: &mut Input<'_>, end: usize) {
        let Record { bytes, place, .. } = &mut self.record;
        if bytes.len() > end {
            input.give_back(&bytes[end..], place.after(&bytes[..end]));
            bytes.truncate(end);
        }
    }

    /// The fields of one record at hand, written as those of this file.
    pub(crate) fn split(&self, record: &str) -> Vec<String> {
        split_with(Self { escapes: self.escapes, ..Self::new(self.delimiter) }, record)
    }

    /// Splits the record into its fields.
    fn parse(&mut self) {
        let Record { bytes, fields, .. } = &mut self.record;
        if !self.is_quoted {
            fields.split(bytes.strip_suffix(b"\n").unwrap_or(bytes), self.delimiter);
            return fields.drop_carriage_returns(bytes);
        }
        let mut from = 0;
        let mut literals: Vec<(usize, usize)> = self.stray.iter().map(|&at| (at, at)).collect();
        literals.extend(self.backslashes.iter().map(|&at| (at, at + 1)));
        literals.sort_unstable();
        for (start, at) in literals {
            // The parser is shown a letter in the place of a quote or a backslash that is a character.
            fields.feed(&mut self.parser, &bytes[from..start]);
            fields.feed(&mut self.parser, b"x");
            fields.text[fields.written - 1] = bytes[at];
            from = at + 1;
        }
        if !fields.feed(&mut self.parser, &bytes[from..]) {
            fields.feed(&mut self.parser, &[]);
        }
        fields.drop_carriage_returns(bytes);
    }
}

/// The fields of one record at hand.
pub(crate) fn split(record: &str, delimiter: u8) -> Vec<String> {
    CsvReader::new(delimiter).split(record)
}

fn split_with(mut reader: CsvReader, record: &str) -> Vec<String> {
    let mut input = Input::new(String::new(), Box::new(record.as_bytes()));
    match reader.read(&mut input) {
        Ok(Some(CsvEnd::Complete)) => (0..reader.record.len()).map(|i| reader.record.field(i).to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A parser at the beginning of a record.
fn parser(delimiter: u8) -> Reader {
    let mut parser = ReaderBuilder::new().delimiter(delimiter).terminator(Terminator::Any(b'\n')).build();
    // It would drop a byte-order mark from the first bytes that it sees, which are not always a file's first.
    parser.read_record(b"\n", &mut [0], &mut [0]);
    parser
}

#[cfg(test)]
mod tests {
    use super::super::MAX_RECORD;
    use super::*;

    /// Fields, or how else the record ended.
    fn read(text: &str, delimiter: u8) -> Vec<Result<Vec<String>, (CsvEnd, String)>> {
        let mut input = Input::new("a.csv".into(), Box::new(text.as_bytes()));
        let mut reader = CsvReader::new(delimiter);
        let mut records = Vec::new();
        while let Some(end) = reader.read(&mut input).unwrap() {
            let record = reader.record();
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            records.push(match end {
                CsvEnd::Complete => Ok((0..record.len()).map(|i| record.field(i).to_owned()).collect()),
                end => Err((end, text(&record.bytes()[..record.bytes().len().min(20)]))),
            });
            // The first record is the header.
            reader.columns = reader.columns.max(reader.record.len());
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
            assert_eq!(read(record, b','), [fields(&expected)], "{record:?}");
            assert_eq!(split(record, b','), expected, "{record:?}");
        }
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        let open = |line: &str| Err((CsvEnd::OpenQuote, line.to_string()));
        assert_eq!(read("1,\"a\n\n2,b\n", b','), [open("1,\"a\n"), fields(&["2", "b"])]);
        assert_eq!(read("1,a\n2,\"b\n", b','), [fields(&["1", "a"]), open("2,\"b\n")]);
        // The next quote does not close it: it opens a field, or is followed by a letter.
        let next = fields(&["3", "c d"]);
        assert_eq!(read("1,\"a\n2,b\n3,\"c\" d\n", b','), [open("1,\"a\n"), fields(&["2", "b"]), next.clone()]);
        assert_eq!(read("1,\"a\nb\",\"c\n3,\"c\" d\n", b','), [open("1,\"a\nb\",\"c\n"), next]);
        // Past the room for a record nobody looks for the closing quote.
        let long = format!("1,\"a\n2,{}\"\n3,c d", "b".repeat(MAX_RECORD));
        let records = read(&long, b',');
        assert_eq!((&records[0], &records[2]), (&open("1,\"a\n"), &fields(&["3", "c d"])));
    }

    #[test]
    fn between_tabs_a_quote_that_closes_nothing_is_a_character() {
        for (text, expected) in [
            ("\"a\t\"b\" c\n", vec![vec!["\"a", "\"b\" c"]]),
            ("1\t\"a\n2\tb\n3\t\"c\" d\n4\te", vec![vec!["1", "\"a"], vec!["2", "b"], vec!["3", "\"c\" d"], vec!["4", "e"]]),
            // The quotes close, but what they hold are rows.
            ("0\tx\n1\t\"a\n2\tb\n3\tc\"\n", vec![vec!["0", "x"], vec!["1", "\"a"], vec!["2", "b"], vec!["3", "c\""]]),
            ("0\tx\ty\n1\t\"a\r\n\"\"b\"\"\tc\"\td\n", vec![vec!["0", "x", "y"], vec!["1", "a\r\n\"b\"\tc", "d"]]),
            ("\"a\t\"b\nc\"\n", vec![vec!["\"a", "b\nc"]]),
        ] {
            let expected: Vec<_> = expected.iter().map(|record| fields(record)).collect();
            assert_eq!(read(text, b'\t'), expected, "{text:?}");
        }
    }

    #[test]
    fn a_backslash_escapes_quotes_from_the_first_that_it_must() {
        for (text, expected) in [
            (r#""a \"big\" cup",b"#, vec![vec![r#"a "big" cup"#, "b"]]),
            (r#""\"a\"","b \\ c""#, vec![vec![r#""a""#, r"b \ c"]]),
            ("x,\"a\\\"b\"\ny,\"5\\\", c\"\n", vec![vec!["x", "a\"b"], vec!["y", "5\", c"]]),
            ("x,\"a \\\"b\nc\\\" d\"\n", vec![vec!["x", "a \"b\nc\" d"]]),
            // Without such a quote backslashes are characters, in unquoted fields always.
            (r#""C:\dir\","b""#, vec![vec![r"C:\dir\", "b"]]),
            (r#""{""a"": ""\""b\""""}",C:\x"#, vec![vec![r#"{"a": "\"b\""}"#, r"C:\x"]]),
            (r#""a\"b",C:\\x"#, vec![vec![r#"a"b"#, r"C:\\x"]]),
        ] {
            let expected: Vec<_> = expected.iter().map(|record| fields(record)).collect();
            assert_eq!(read(text, b','), expected, "{text}");
        }
        assert_eq!(read("1\t\"a \\\"b\\\"\"\n", b'\t'), [fields(&["1", "a \"b\""])]);
    }

    #[test]
    fn a_record_has_room_for_so_many_bytes_and_no_more() {
        let line = |length: usize| format!("1,{}\n2,b\n", "x".repeat(length - 3));
        let (whole, long) = (read(&line(MAX_RECORD), b','), read(&line(MAX_RECORD + 1), b','));
        assert_eq!((whole[0].as_ref().unwrap()[1].len(), &whole[1]), (MAX_RECORD - 3, &fields(&["2", "b"])));
        assert_eq!(long, [Err((CsvEnd::TooLong, format!("1,{}", "x".repeat(18)))), fields(&["2", "b"])]);
        let last = line(MAX_RECORD + 1);
        assert!(read(&last[..MAX_RECORD], b',')[0].is_ok());
    }
}
