//! What the reader reads from, whatever the format.

use std::borrow::Cow;

use super::fields::Fields;
use super::{At, CatalogError, Fault, FaultKind, Item, ReadOptions};
use crate::base::parallel::MaybeSend;
use crate::tables::{Input, Place};

/// A source of records.
pub(super) trait Records: MaybeSend {
    /// Reads the next record.
    ///
    /// # Errors
    /// The file cannot be read on.
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError>;

    /// How far it was read.
    fn position(&self) -> Position<'_>;

    /// The fields that were seen, and what they are read as.
    fn fields(&self) -> &Fields;

    /// Whether the last record holds lines, inside quotes, that look like records themselves.
    fn holds_rows(&self) -> bool {
        false
    }

    /// What a file is that has no record at all.
    fn nothing(&self) -> &'static str;
}

/// Where a source of records stands.
pub(super) struct Position<'a> {
    /// The file's name.
    pub name: &'a str,
    /// Where the next record would begin.
    pub at: At,
    /// Bytes read so far.
    pub bytes: u64,
}

impl<'a> From<&'a Input<'_>> for Position<'a> {
    fn from(input: &'a Input<'_>) -> Self {
        Self { name: &input.name, at: input.place.into(), bytes: input.bytes_read() }
    }
}

/// What one step of reading gave.
pub(super) enum Read {
    Item(Item, At),
    Fault(Fault),
    /// A fault after which no record can be found.
    Fatal(Fault),
    Blank,
    End,
}

impl Read {
    /// An item from the `record` that begins at `place`, or what is wrong with it and at which of its bytes.
    pub(super) fn from_parsed(parsed: Result<Item, (FaultKind, usize)>, place: Place, record: &[u8]) -> Self {
        // A record that is cut short is wrong at its end, which is before the line break that ends it.
        let end = record.trim_ascii_end().len();
        match parsed {
            Ok(item) => Self::Item(item, place.into()),
            Err((kind, offset)) => Self::Fault(Fault::new(place.after(&record[..offset.min(end)]), kind, record)),
        }
    }
}

/// A record as text; if it is not UTF-8 and `lossy` does not hold, what is wrong with it and at which of its bytes.
pub(super) fn decode(record: &[u8], lossy: bool) -> Result<Cow<'_, str>, (FaultKind, usize)> {
    match std::str::from_utf8(record) {
        Ok(text) => Ok(text.into()),
        Err(_) if lossy => Ok(String::from_utf8_lossy(record)),
        Err(error) => Err((FaultKind::NotUtf8 { value: record[error.valid_up_to()] }, error.valid_up_to())),
    }
}
