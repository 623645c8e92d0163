//! JSON objects: one a line, the elements of an array or of an object, or one after the other.

use super::elements::{Elements, Holder};
use super::fields::Fields;
use super::json;
use super::records::{Position, Read, Records, decode};
use super::shape::{Shape, shape};
use super::{CatalogError, Fault, FaultKind, ReadOptions};
use crate::tables::{End, Input, MAX_RECORD};

/// How pandas writes rows. An id may look like a number, so nothing is converted.
const BY_ROW: &str = "Run in Python: import pandas; \
     pandas.read_json('FILE', dtype=False).to_json('FILE.jsonl', orient='records', lines=True)";

/// The objects of a stream.
pub(super) struct JsonRecords<'a> {
    input: Input<'a>,
    /// Where records are found; without it, every line is one.
    elements: Option<Elements>,
    /// Whether the elements are titles, not objects.
    titles: bool,
    keyed: bool,
    fields: Fields,
    record: Vec<u8>,
}

impl<'a> JsonRecords<'a> {
    /// Records in whatever holds them: an array at the next bracket, or what the first object shows.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn new(mut input: Input<'a>, options: &ReadOptions) -> Result<Self, CatalogError> {
        let fields = Fields::new(options);
        input.skip_while(|b| b.is_ascii_whitespace())?;
        let shape = match input.peek()? {
            Some(b'[') => Shape::Held(Holder::Array { wrapped: false }),
            Some(b'{') => shape(&mut input, &fields)?,
            _ => Shape::Lines,
        };
        let holder = match shape {
            Shape::Lines => None,
            Shape::Held(holder) => Some(holder),
            Shape::Titles => Some(Holder::Object),
            Shape::Columns => {
                return Err(CatalogError::Foreign { name: input.name, what: "JSON written column by column", remedy: BY_ROW });
            }
        };
        let (titles, keyed) = (shape == Shape::Titles, holder == Some(Holder::Object));
        Ok(Self { input, elements: holder.map(Elements::new), titles, keyed, fields, record: Vec::new() })
    }

    fn read_record(&mut self) -> Result<End, CatalogError> {
        self.record.clear();
        Ok(match &self.elements {
            Some(elements) => elements.take(&mut self.input, &mut self.record)?,
            None => self.input.take_line(&mut self.record)?,
        })
    }

    fn parse(&mut self, options: &ReadOptions) -> Result<super::Item, (FaultKind, usize)> {
        let text = decode(&self.record, options.lossy)?;
        let key = self.elements.as_ref().filter(|_| self.keyed).map(|elements| decode(&elements.key, options.lossy));
        let key = key.transpose()?;
        match &key {
            Some(key) if self.titles => json::titled(&text, key.as_bytes(), &mut self.fields),
            key => json::item(&text, key.as_ref().map(|key| key.as_bytes()), &mut self.fields),
        }
    }
}

impl Records for JsonRecords<'_> {
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError> {
        if let Some(elements) = &mut self.elements {
            match elements.advance(&mut self.input)? {
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
            End::Eof if self.elements.is_some() => {
                return Ok(Read::Fatal(Fault::new(place, FaultKind::Truncated, &self.record)));
            }
            End::TooLong => {
                return Ok(Read::Fault(Fault::new(place, FaultKind::TooLong { limit: MAX_RECORD }, &self.record)));
            }
            _ if self.record.iter().all(u8::is_ascii_whitespace) => return Ok(Read::Blank),
            _ => {}
        }
        let parsed = self.parse(options);
        Ok(Read::from_parsed(parsed, place, &self.record))
    }

    fn position(&self) -> Position<'_> {
        (&self.input).into()
    }

    fn fields(&self) -> &Fields {
        &self.fields
    }

    fn nothing(&self) -> &'static str {
        "nothing but white space and brackets"
    }
}
