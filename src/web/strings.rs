//! Strings for JavaScript, as bytes.

use wasm_bindgen::prelude::*;

/// Characters of an id or title that are handed to a page: enough to show, whatever a file holds.
const SHOWN: usize = 240;

/// A column of strings as UTF-8: string `i` is `bytes[ends[i-1]..ends[i]]`.
#[wasm_bindgen]
#[derive(Default)]
pub struct Strings {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

#[wasm_bindgen]
impl Strings {
    /// All strings, one after another.
    pub fn bytes(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// Where each ends.
    pub fn ends(&self) -> Vec<u32> {
        self.ends.clone()
    }
}

impl Strings {
    /// Strings cut to a length that can be shown.
    pub(super) fn shown<'a>(strings: impl Iterator<Item = &'a str>) -> Self {
        strings.map(|string| string.char_indices().nth(SHOWN).map_or(string, |(at, _)| &string[..at])).collect()
    }
}

impl<'a> FromIterator<&'a str> for Strings {
    fn from_iter<I: IntoIterator<Item = &'a str>>(strings: I) -> Self {
        let mut column = Self::default();
        for string in strings {
            column.bytes.extend_from_slice(string.as_bytes());
            column.ends.push(column.bytes.len() as u32);
        }
        column
    }
}
