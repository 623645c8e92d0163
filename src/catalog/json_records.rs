//! JSON objects: one a line, or the elements of one array.

use super::array::{Elements, take_element};
use super::json;
use super::records::{Position, Read, Records, decode};
use super::{CatalogError, Fault, FaultKind, FieldUse, ReadOptions};
use crate::tables::{End, Input, MAX_RECORD};

/// The objects of a stream.
pub(super) struct JsonRecords<'a> {
    input: Input<'a>,
    /// The elements of an array; without one, every line is a record.
    array: Option<Elements>,
    /// The fields of the first object.
    fields: Vec<FieldUse>,
    record: Vec<u8>,
}

impl<'a> JsonRecords<'a> {
    /// Objects, one a line.
    pub(super) fn lines(input: Input<'a>) -> Self {
        Self { input, array: None, fields: Vec::new(), record: Vec::new() }
    }

    /// Objects of the array that begins at the next bracket.
    pub(super) fn array(input: Input<'a>) -> Self {
        Self { array: Some(Elements::default()), ..Self::lines(input) }
    }

    fn read_record(&mut self) -> Result<End, CatalogError> {
        self.record.clear();
        Ok(match self.array {
            Some(_) => take_element(&mut self.input, &mut self.record)?,
            None => self.input.take(&mut self.record, |b| b == b'\n')?,
        })
    }
}

impl Records for JsonRecords<'_> {
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError> {
        if let Some(array) = &mut self.array {
            match array.advance(&mut self.input)? {
                Ok(true) => {}
                Ok(false) => return Ok(Read::End),
                Err(kind) => return Ok(Read::Fatal(Fault::new(self.input.place, kind, b""))),
            }
        } else {
            self.input.skip_while(|b| matches!(b, b'\r' | b'\n'))?;
            if self.input.peek()?.is_none() {
                return Ok(Read::End);
            }
        }
        let place = self.input.place;
        match self.read_record()? {
            End::Eof if self.array.is_some() => {
                return Ok(Read::Fatal(Fault::new(place, FaultKind::Truncated, &self.record)));
            }
            End::TooLong => {
                return Ok(Read::Fault(Fault::new(place, FaultKind::TooLong { limit: MAX_RECORD }, &self.record)));
            }
            _ if self.record.iter().all(u8::is_ascii_whitespace) => return Ok(Read::Blank),
            _ => {}
        }
        let parsed = decode(&self.record, options.lossy).and_then(|text| json::parse(&text, options));
        if parsed.is_ok() && self.fields.is_empty() {
            self.fields = json::field_uses(&String::from_utf8_lossy(&self.record), &options.fields);
        }
        Ok(Read::from_parsed(parsed, place, &self.record))
    }

    fn position(&self) -> Position<'_> {
        (&self.input).into()
    }

    fn fields(&self) -> &[FieldUse] {
        &self.fields
    }

    fn nothing(&self) -> &'static str {
        "nothing but white space and brackets"
    }
}
