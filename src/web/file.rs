//! A visitor's file as a stream: read in slices, never whole.

use std::io::{Error, Read, Result, Seek, SeekFrom};

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FileReaderSync};

/// A file or blob, read as the reader asks. Works in workers only: a page must not wait for a disk.
pub(super) struct FileStream {
    blob: Blob,
    reader: FileReaderSync,
    at: u64,
}

impl FileStream {
    pub(super) fn new(blob: Blob) -> std::result::Result<Self, JsValue> {
        Ok(Self { blob, reader: FileReaderSync::new()?, at: 0 })
    }

    pub(super) fn size(&self) -> u64 {
        self.blob.size() as u64
    }
}

impl Read for FileStream {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let count = (into.len() as u64).min(self.size().saturating_sub(self.at)) as usize;
        if count == 0 {
            return Ok(0);
        }
        let slice = self.blob.slice_with_f64_and_f64(self.at as f64, (self.at + count as u64) as f64);
        let buffer = slice.and_then(|slice| self.reader.read_as_array_buffer(&slice)).map_err(|error| lost(&error))?;
        js_sys::Uint8Array::new(&buffer).copy_to(&mut into[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for FileStream {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let (base, offset) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(offset) => (self.at, offset),
            SeekFrom::End(offset) => (self.size(), offset),
        };
        self.at = base.checked_add_signed(offset).ok_or_else(|| Error::other("a place before the file"))?;
        Ok(self.at)
    }
}

/// A file that was moved or changed since it was chosen.
fn lost(error: &JsValue) -> Error {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())).unwrap_or_default();
    Error::other(format!("the browser cannot read the file ({message}). Was it moved or changed? Choose it again"))
}
