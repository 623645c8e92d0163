//! Arrays of numbers that are made while they are written.

use std::io::{self, Write};

/// Bytes that are written at a time.
const BUFFER: usize = 1 << 16;

/// An array in C order.
pub(super) struct Array<'a> {
    pub(super) name: &'static str,
    /// Its type as NumPy writes it.
    pub(super) kind: &'static str,
    pub(super) shape: Vec<usize>,
    write: Box<dyn Fn(&mut Numbers<'_>) + 'a>,
}

impl<'a> Array<'a> {
    /// An array of 32-bit numbers.
    pub(super) fn i32(name: &'static str, shape: impl Into<Vec<usize>>, write: impl Fn(&mut Numbers<'_>) + 'a) -> Self {
        Self { name, kind: "<i4", shape: shape.into(), write: Box::new(write) }
    }

    /// An array of truth values.
    pub(super) fn bool(name: &'static str, shape: impl Into<Vec<usize>>, values: &'a [bool]) -> Self {
        let write = move |out: &mut Numbers<'_>| values.iter().for_each(|&value| out.bytes([u8::from(value)]));
        Self { name, kind: "|b1", shape: shape.into(), write: Box::new(write) }
    }

    /// Writes the values, without their shape.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut numbers = Numbers::new(out);
        (self.write)(&mut numbers);
        numbers.finish()
    }
}

/// Numbers on their way into a file, lowest byte first.
pub(super) struct Numbers<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
    written: io::Result<()>,
}

impl<'a> Numbers<'a> {
    /// Numbers that go to `out`.
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, buffer: Vec::with_capacity(BUFFER), written: Ok(()) }
    }

    /// Writes a 32-bit number.
    #[inline]
    pub(super) fn push(&mut self, number: i32) {
        self.bytes(number.to_le_bytes());
    }

    /// Writes any number.
    #[inline]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        if self.buffer.len() + N > BUFFER {
            self.flush();
        }
        self.buffer.extend_from_slice(&bytes);
    }

    fn flush(&mut self) {
        if self.written.is_ok() {
            self.written = self.out.write_all(&self.buffer);
        }
        self.buffer.clear();
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// The first that `out` had.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush();
        self.written
    }
}
