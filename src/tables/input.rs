//! Bytes of a text file with their positions.

use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::{memchr, memchr_iter};

use super::TableError;
use crate::base::parallel::MaybeSend;

/// Longest record in bytes. Longer ones come from a missing quote, bracket or line break.
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
    /// Longer than [`MAX_RECORD`]: it was read to its end, but only so many bytes were kept.
    TooLong,
}

/// A stream of bytes that can be read.
pub trait Stream: BufRead + MaybeSend {}
impl<T: BufRead + MaybeSend> Stream for T {}

/// A count of bytes that grows while a file is read.
#[derive(Debug, Clone, Default)]
pub struct BytesRead(Arc<AtomicU64>);

impl BytesRead {
    /// Bytes so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    #[cfg(feature = "files")]
    pub(super) fn add(&self, count: usize) {
        self.0.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// A byte stream that keeps count of lines and bytes, and to which bytes can be given back.
pub(crate) struct Input<'a> {
    pub name: String,
    pub place: Place,
    stream: Box<dyn Stream + 'a>,
    /// Bytes given back; the first `consumed` of them have been read again.
    returned: Vec<u8>,
    consumed: usize,
    /// Where the stream is no file itself: bytes read of the file behind it.
    read: Option<BytesRead>,
}

impl<'a> Input<'a> {
    pub(crate) fn new(name: String, stream: Box<dyn Stream + 'a>) -> Self {
        Self { name, place: Place::default(), stream, returned: Vec::new(), consumed: 0, read: None }
    }

    /// Bytes read of the file, which are fewer than those of [`Self::place`] where it is packed.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.as_ref().map_or(self.place.byte, BytesRead::get)
    }

    /// Says that the stream is unpacked from a file of which `read` counts the bytes.
    #[cfg(feature = "files")]
    pub(super) fn unpacked_from(self, read: BytesRead) -> Self {
        Self { read: Some(read), ..self }
    }

    /// The bytes that come next, as many as are at hand; empty only at the end of the file.
    pub(crate) fn ahead(&mut self) -> Result<&[u8], TableError> {
        if self.consumed < self.returned.len() {
            return Ok(&self.returned[self.consumed..]);
        }
        // The borrow checker does not let a loop return what `fill_buf` lends, so it is called once more.
        while let Err(source) = self.stream.fill_buf() {
            if source.kind() != ErrorKind::Interrupted {
                return Err(TableError::Io { name: self.name.clone(), source });
            }
        }
        self.stream.fill_buf().map_err(|source| TableError::Io { name: self.name.clone(), source })
    }

    /// The next `count` bytes at least, left where they are; fewer only at the end of the file. Pipes give few at a time.
    pub(crate) fn look(&mut self, count: usize) -> Result<&[u8], TableError> {
        if self.ahead()?.len() < count {
            let (place, mut bytes) = (self.place, Vec::new());
            while bytes.len() < count {
                let ahead = self.ahead()?;
                if ahead.is_empty() {
                    break;
                }
                let taken = ahead.len();
                bytes.extend_from_slice(ahead);
                self.advance(taken, 0);
            }
            self.give_back(&bytes, place);
        }
        self.ahead()
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
            let found = memchr(byte, bytes);
            let count = found.map_or(bytes.len(), |at| at + 1);
            let newlines = newlines(&bytes[..count]);
            self.advance(count, newlines);
            if found.is_some() || count == 0 {
                return Ok(());
            }
        }
    }

    /// Reads into `record` up to and including the next line break.
    pub(crate) fn take_line(&mut self, record: &mut Vec<u8>) -> Result<End, TableError> {
        self.take_by(record, |bytes| memchr(b'\n', bytes))
    }

    /// Reads into `record` up to and including the first byte of which `is_last` is true.
    pub(crate) fn take(&mut self, record: &mut Vec<u8>, mut is_last: impl FnMut(u8) -> bool) -> Result<End, TableError> {
        self.take_by(record, |bytes| bytes.iter().position(|&b| is_last(b)))
    }

    fn take_by(&mut self, record: &mut Vec<u8>, mut last: impl FnMut(&[u8]) -> Option<usize>) -> Result<End, TableError> {
        let end = self.fill(record, &mut last)?;
        let mut dropped = Vec::new();
        while end == End::TooLong && self.fill(&mut dropped, &mut last)? == End::TooLong {
            dropped.clear();
        }
        Ok(end)
    }

    /// As [`Self::take_line`], but leaves what a record has no room for where it is.
    pub(crate) fn fill_line(&mut self, record: &mut Vec<u8>) -> Result<End, TableError> {
        self.fill(record, &mut |bytes| memchr(b'\n', bytes))
    }

    /// Reads into `record` up to and including the byte that `last` finds, as far as there is room.
    fn fill(&mut self, record: &mut Vec<u8>, last: &mut impl FnMut(&[u8]) -> Option<usize>) -> Result<End, TableError> {
        loop {
            let room = MAX_RECORD.saturating_sub(record.len());
            let bytes = self.ahead()?;
            if bytes.is_empty() {
                return Ok(End::Eof);
            }
            let bytes = &bytes[..bytes.len().min(room)];
            if bytes.is_empty() {
                return Ok(End::TooLong);
            }
            let found = last(bytes);
            let count = found.map_or(bytes.len(), |at| at + 1);
            record.extend_from_slice(&bytes[..count]);
            let newlines = newlines(&bytes[..count]);
            self.advance(count, newlines);
            if found.is_some() {
                return Ok(End::Complete);
            }
        }
    }

    /// From here on, carriage returns are line breaks, as old Macs and some spreadsheets write them.
    pub(crate) fn break_lines_at_returns(&mut self) {
        returns_to_newlines(&mut self.returned);
        let stream = std::mem::replace(&mut self.stream, Box::new(std::io::empty()));
        self.stream = Box::new(BufReader::with_capacity(1 << 16, Returns(stream)));
    }

    /// Gives back `bytes`, which were the last to be read, and began at `place`.
    pub(crate) fn give_back(&mut self, bytes: &[u8], place: Place) {
        self.returned.splice(..self.consumed, bytes.iter().copied());
        self.consumed = 0;
        self.place = place;
    }
}

/// A stream with line breaks for its carriage returns.
struct Returns<'a>(Box<dyn Stream + 'a>);

impl Read for Returns<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read(buffer)?;
        returns_to_newlines(&mut buffer[..count]);
        Ok(count)
    }
}

fn returns_to_newlines(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b'\n');
}

/// Line breaks among `bytes`.
pub(super) fn newlines(bytes: &[u8]) -> u64 {
    memchr_iter(b'\n', bytes).count() as u64
}
