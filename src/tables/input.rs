//! Bytes with their positions: what every format's reader stands on.

use std::io::{BufRead, ErrorKind};

use super::TableError;
use crate::base::parallel::MaybeSend;

/// Longest record in bytes: more is not an item but a missing quote, bracket or newline.
pub(crate) const MAX_RECORD: usize = 16 << 20;

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 1.
    pub line: u64,
    /// From 0.
    pub byte: u64,
}

impl Default for Place {
    /// The beginning of a file.
    fn default() -> Self {
        Self { line: 1, byte: 0 }
    }
}

impl Place {
    /// The place after `bytes`, which begin here.
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        Self { line: self.line + newlines(bytes), byte: self.byte + bytes.len() as u64 }
    }
}

/// How [`Input::take`] ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The record is complete.
    Complete,
    /// The file ended first.
    Eof,
    /// Over [`MAX_RECORD`]: read to its end, the rest not kept.
    TooLong,
}

/// What is read from.
pub trait Stream: BufRead + MaybeSend {}
impl<T: BufRead + MaybeSend> Stream for T {}

/// A byte stream that knows where it is and can take back what it gave.
pub(crate) struct Input<'a> {
    pub name: String,
    pub place: Place,
    stream: Box<dyn Stream + 'a>,
    /// Bytes given back, to be read again from the end of the vector's consumed part on.
    returned: Vec<u8>,
    consumed: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(name: String, stream: Box<dyn Stream + 'a>) -> Self {
        Self { name, place: Place::default(), stream, returned: Vec::new(), consumed: 0 }
    }

    /// What lies ahead: empty only at the end of the file.
    pub(crate) fn ahead(&mut self) -> Result<&[u8], TableError> {
        if self.consumed < self.returned.len() {
            return Ok(&self.returned[self.consumed..]);
        }
        // Retried by hand: a borrow of `fill_buf` cannot leave a loop that calls it again.
        while let Err(source) = self.stream.fill_buf() {
            if source.kind() != ErrorKind::Interrupted {
                return Err(TableError::Io { name: self.name.clone(), source });
            }
        }
        self.stream.fill_buf().map_err(|source| TableError::Io { name: self.name.clone(), source })
    }

    /// The next byte, left where it is.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, TableError> {
        Ok(self.ahead()?.first().copied())
    }

    /// Moves on by `count` bytes of [`Self::ahead`] that hold `newlines`.
    pub(crate) fn advance(&mut self, count: usize, newlines: u64) {
        self.place.byte += count as u64;
        self.place.line += newlines;
        if self.consumed < self.returned.len() {
            self.consumed += count;
        } else {
            self.stream.consume(count);
        }
    }

    /// Moves past bytes for as long as `skip` is true of them.
    pub(crate) fn skip_while(&mut self, skip: impl Fn(u8) -> bool) -> Result<(), TableError> {
        while let Some(byte) = self.peek()?.filter(|&b| skip(b)) {
            self.advance(1, u64::from(byte == b'\n'));
        }
        Ok(())
    }

    /// Moves past the next `byte`, or to the end of the file.
    pub(crate) fn skip_past(&mut self, byte: u8) -> Result<(), TableError> {
        loop {
            let bytes = self.ahead()?;
            let found = bytes.iter().position(|&b| b == byte);
            let count = found.map_or(bytes.len(), |at| at + 1);
            let newlines = newlines(&bytes[..count]);
            self.advance(count, newlines);
            if found.is_some() || count == 0 {
                return Ok(());
            }
        }
    }

    /// Reads into `record` up to and with the byte at which `is_last` says so.
    pub(crate) fn take(&mut self, record: &mut Vec<u8>, mut is_last: impl FnMut(u8) -> bool) -> Result<End, TableError> {
        let mut kept_all = true;
        loop {
            let bytes = self.ahead()?;
            if bytes.is_empty() {
                return Ok(if kept_all { End::Eof } else { End::TooLong });
            }
            let found = bytes.iter().position(|&b| is_last(b));
            let count = found.map_or(bytes.len(), |at| at + 1);
            let room = MAX_RECORD.saturating_sub(record.len());
            record.extend_from_slice(&bytes[..count.min(room)]);
            kept_all &= count <= room;
            let newlines = newlines(&bytes[..count]);
            self.advance(count, newlines);
            if found.is_some() {
                return Ok(if kept_all { End::Complete } else { End::TooLong });
            }
        }
    }

    /// Gives back `bytes`, which were the last to be read, and began at `place`.
    pub(crate) fn give_back(&mut self, bytes: &[u8], place: Place) {
        self.returned.splice(..self.consumed, bytes.iter().copied());
        self.consumed = 0;
        self.place = place;
    }
}

/// Line breaks among `bytes`.
pub(super) fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&b| b == b'\n').count() as u64
}
