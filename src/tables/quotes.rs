//! Which quotes of a record belong together.

use std::ops::Range;

use memchr::memchr;

/// Where the quote that opens a field is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// By this quote, which stands before a delimiter or a line end.
    At(usize),
    /// This quote comes first, but neither closes the field nor is doubled.
    Broken(usize),
    /// Nowhere in these bytes.
    Never,
}

/// The next quote, from byte `from` on, with which a field begins.
pub(super) fn opening(record: &[u8], mut from: usize, delimiter: u8) -> Option<usize> {
    loop {
        let quote = next_quote(record, from)?;
        if quote == 0 || record[quote - 1] == delimiter {
            return Some(quote);
        }
        from = quote + 1;
    }
}

/// Where the field is closed of which the bytes from `from` on are the inside. A quote with a backslash before it is inside
/// where the file `escapes` so.
pub(super) fn close(record: &[u8], mut from: usize, delimiter: u8, escapes: bool) -> Close {
    while let Some(quote) = next_quote(record, from) {
        match record.get(quote + 1) {
            _ if escapes && is_escaped(&record[from..quote]) => from = quote + 1,
            Some(b'"') => from = quote + 2,
            None | Some(b'\r' | b'\n') => return Close::At(quote),
            Some(&next) if next == delimiter => return Close::At(quote),
            Some(_) => return Close::Broken(quote),
        }
    }
    Close::Never
}

/// Where in the bytes of a quoted field a backslash escapes a quote or another backslash.
pub(super) fn escapes(record: &[u8], inside: Range<usize>) -> Vec<usize> {
    let (mut from, mut found) = (inside.start, Vec::new());
    while let Some(at) = memchr(b'\\', &record[from..inside.end]).map(|at| from + at) {
        let escapes = at + 1 < inside.end && matches!(record[at + 1], b'"' | b'\\');
        if escapes {
            found.push(at);
        }
        from = at + 1 + usize::from(escapes);
    }
    found
}

/// Whether what follows these bytes has a backslash before it that is not escaped itself.
fn is_escaped(before: &[u8]) -> bool {
    before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1
}

/// Whether every line of a record would be a record of so many `columns`, if there were no quotes.
pub(super) fn rows_inside(record: &[u8], delimiter: u8, columns: usize) -> bool {
    let fields = |line: &[u8]| 1 + line.iter().filter(|&&b| b == delimiter).count();
    columns > 1 && record.strip_suffix(b"\n").unwrap_or(record).split(|&b| b == b'\n').all(|line| fields(line) == columns)
}

fn next_quote(record: &[u8], from: usize) -> Option<usize> {
    memchr(b'"', &record[from..]).map(|at| from + at)
}
