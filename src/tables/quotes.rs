//! Which quotes of a record belong together.

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

/// Where the field is closed of which the bytes from `from` on are the inside.
pub(super) fn close(record: &[u8], mut from: usize, delimiter: u8) -> Close {
    while let Some(quote) = next_quote(record, from) {
        match record.get(quote + 1) {
            Some(b'"') => from = quote + 2,
            None | Some(b'\r' | b'\n') => return Close::At(quote),
            Some(&next) if next == delimiter => return Close::At(quote),
            Some(_) => return Close::Broken(quote),
        }
    }
    Close::Never
}

/// Whether every line of a record would be a record of so many `columns`, if there were no quotes.
pub(super) fn rows_inside(record: &[u8], delimiter: u8, columns: usize) -> bool {
    let fields = |line: &[u8]| 1 + line.iter().filter(|&&b| b == delimiter).count();
    columns > 1 && record.strip_suffix(b"\n").unwrap_or(record).split(|&b| b == b'\n').all(|line| fields(line) == columns)
}

fn next_quote(record: &[u8], from: usize) -> Option<usize> {
    memchr(b'"', &record[from..]).map(|at| from + at)
}
