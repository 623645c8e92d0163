//! Rows of JSON: objects, one a line or in an array, or one object that has a list of items for each user.

use std::borrow::Cow;
use std::ops::Range;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::cell::Cell;
use super::names::is_usual;
use super::part::{Columns, Named};
use super::rows::{Rows, Step};
use super::{Fault, SequencesError};
use crate::catalog::{At, Elements, FaultKind, Holder, to_json};
use crate::tables::{End, Input, MAX_RECORD, Place};

/// How a file of JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An object a line.
    Lines,
    /// An array of objects.
    Array,
    /// `{"user": [items], …}`.
    Users,
    /// `[[items], …]`, a list for each user.
    Lists,
}

/// The layout of a file that begins with `head`, or none if it is not JSON: ids may begin with a bracket too.
pub(super) fn shape(head: &str, named: &[Named]) -> Option<Shape> {
    let head = head.trim_start();
    let inner = head.get(1..)?.trim_start();
    match head.as_bytes()[0] {
        b'[' if inner.starts_with(['{', ']']) => Some(Shape::Array),
        // An id may begin with brackets; two of them are closed by a comma before the line ends only in JSON.
        b'[' if inner.starts_with('[') && is_list(inner) => Some(Shape::Lists),
        b'{' if inner.starts_with('}') => Some(Shape::Users),
        // A dict of Python.
        b'{' if inner.starts_with('\'') => Some(Shape::Lines),
        b'{' if inner.starts_with('"') => {
            let fields = fields(head);
            let is_field = |name: &str| is_usual(name) || named.iter().any(|named| named.column == name);
            let (_, value) = fields.first()?;
            let users = *value == b'[' && !fields.iter().any(|(name, _)| is_field(name));
            Some(if users { Shape::Users } else { Shape::Lines })
        }
        _ => None,
    }
}

/// Whether a text begins with a list of JSON that another follows, or the end of the list around it.
fn is_list(text: &str) -> bool {
    let mut lists = serde_json::Deserializer::from_str(text).into_iter::<Vec<&RawValue>>();
    let first = lists.next().is_some_and(|list| list.is_ok());
    first && text[lists.byte_offset()..].trim_start().starts_with([',', ']'])
}

/// Names of the fields of the first object, as far as `head` goes, and the first byte of each value.
fn fields(head: &str) -> Vec<(&str, u8)> {
    let (mut depth, mut quoted, mut escaped, mut begin) = (0, false, false, 0);
    let (mut last, mut fields) = ("", Vec::new());
    for (at, byte) in head.bytes().enumerate() {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if quoted => escaped = true,
            b'"' if quoted => (quoted, last) = (false, &head[begin..at]),
            b'"' => (quoted, begin) = (true, at + 1),
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => {
                let value = head[at + 1..].trim_start().bytes().next();
                fields.extend(value.map(|value| (last, value)));
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    fields
}

/// A file of JSON as rows.
pub(super) struct JsonRows<'a> {
    input: Input<'a>,
    shape: Shape,
    elements: Elements,
    record: Vec<u8>,
    /// Where in the record each column's value is; empty where there is none.
    values: Vec<Range<usize>>,
    names: Vec<String>,
    place: Place,
    user: String,
    /// Lists read, which number users without names.
    lists: usize,
}

impl<'a> JsonRows<'a> {
    pub(super) fn new(input: Input<'a>, shape: Shape) -> Self {
        let by_user = matches!(shape, Shape::Users | Shape::Lists);
        let names = if by_user { vec!["user".into(), "items".into()] } else { Vec::new() };
        let (place, values, record) = (input.place, vec![0..0; names.len()], Vec::new());
        Self {
            input,
            shape,
            elements: Elements::new(if shape == Shape::Users { Holder::Object } else { Holder::Array { wrapped: false } }),
            record,
            values,
            names,
            place,
            user: String::new(),
            lists: 0,
        }
    }

    /// The object ahead, which is a row.
    fn object(&mut self) -> Result<Step, SequencesError> {
        if self.shape == Shape::Array {
            match self.elements.advance(&mut self.input)? {
                Ok(true) => {}
                Ok(false) => return Ok(Step::End),
                Err(kind) => return Err(self.broken(kind)),
            }
        } else {
            self.input.skip_while(|b| b.is_ascii_whitespace())?;
            if self.input.peek()?.is_none() {
                return Ok(Step::End);
            }
        }
        self.place = self.input.place;
        self.record.clear();
        let end = match self.shape {
            Shape::Array => self.elements.take(&mut self.input, &mut self.record)?,
            _ => self.input.take(&mut self.record, |b| b == b'\n')?,
        };
        match end {
            End::Eof if self.shape == Shape::Array => Err(self.broken(FaultKind::Truncated)),
            End::TooLong => Ok(Step::Fault(FaultKind::TooLong { limit: MAX_RECORD }.to_string())),
            _ => Ok(self.parse().map_or_else(Step::Fault, |()| Step::Row)),
        }
    }

    /// Finds the record's values. What is almost JSON is turned into JSON.
    fn parse(&mut self) -> Result<(), String> {
        let text = std::str::from_utf8(&self.record).map_err(|error| not_utf8(&self.record[error.valid_up_to()]))?;
        let Err(error) = fields_of(text).map(|fields| keep(&fields, text, &mut self.names, &mut self.values)) else {
            return Ok(());
        };
        let text = to_json(text).map_err(|_| bad(&error))?;
        let fields = fields_of(&text).map_err(|error| bad(&error))?;
        keep(&fields, &text, &mut self.names, &mut self.values);
        drop(fields);
        self.record = text.into_bytes();
        Ok(())
    }

    /// The next user of one object, with its items.
    fn entry(&mut self) -> Result<Step, SequencesError> {
        match self.elements.advance(&mut self.input)? {
            Ok(true) => {}
            Ok(false) => return Ok(Step::End),
            Err(kind) => return Err(self.broken(kind)),
        }
        self.place = self.input.place;
        self.user = match self.shape {
            Shape::Lists => self.lists.to_string(),
            _ => serde_json::from_slice(&self.elements.key).map_err(|error| self.broken(FaultKind::json(&error)))?,
        };
        self.lists += 1;
        self.record.clear();
        let end = self.elements.take(&mut self.input, &mut self.record)?;
        self.values[1] = 0..self.record.len();
        Ok(match end {
            End::Eof => return Err(self.broken(FaultKind::Truncated)),
            End::TooLong => Step::Fault(FaultKind::TooLong { limit: MAX_RECORD }.to_string()),
            End::Complete => match serde_json::from_slice::<Vec<&RawValue>>(&self.record) {
                Ok(_) => Step::Row,
                Err(_) => Step::Fault(format!("user «{}»: expected a list of items", self.user)),
            },
        })
    }

    /// A fault after which nothing can be read.
    fn broken(&self, kind: FaultKind) -> SequencesError {
        let fault = Fault { at: self.input.place.into(), what: kind.to_string() };
        SequencesError::Broken { name: self.input.name.clone(), fault }
    }
}

impl Rows for JsonRows<'_> {
    fn name(&self) -> &str {
        &self.input.name
    }

    fn form(&self) -> &'static str {
        match self.shape {
            Shape::Users => "lists of items by user",
            Shape::Lists => "lists of items, one for each user",
            Shape::Lines | Shape::Array => "JSON objects",
        }
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn next(&mut self) -> Result<Step, SequencesError> {
        match self.shape {
            Shape::Users | Shape::Lists => self.entry(),
            Shape::Lines | Shape::Array => self.object(),
        }
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        if !self.has_columns() && column == 0 {
            return Cell::Text(self.user.as_str().into());
        }
        let text = self.values.get(column).map(|range| &self.record[range.clone()]);
        text.and_then(|text| std::str::from_utf8(text).ok()).map_or(Cell::Missing, cell)
    }

    fn at(&self) -> At {
        self.place.into()
    }

    fn columns(&self) -> Option<Columns> {
        (!self.has_columns()).then(|| Columns { list: Some(1), ..Columns::default() })
    }

    fn has_columns(&self) -> bool {
        matches!(self.shape, Shape::Lines | Shape::Array)
    }
}

/// A value as written.
fn cell(json: &str) -> Cell<'_> {
    match json.as_bytes().first() {
        None | Some(b'n') => Cell::Missing,
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            let list: Option<_> = list.into_iter().map(|value| scalar(value.get())).collect();
            list.map_or(Cell::Other, Cell::List)
        }
        Some(_) => scalar(json).map_or(Cell::Other, Cell::text),
    }
}

/// A text, or a number with its digits.
fn scalar(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' if !json.contains('\\') => Some(json[1..json.len() - 1].into()),
        b'"' => serde_json::from_str::<String>(json).ok().map(Cow::Owned),
        b'-' | b'0'..=b'9' => Some(json.into()),
        _ => None,
    }
}

fn bad(error: &serde_json::Error) -> String {
    FaultKind::json(error).to_string()
}

fn not_utf8(byte: &u8) -> String {
    FaultKind::NotUtf8 { value: *byte }.to_string()
}

fn fields_of(text: &str) -> serde_json::Result<Vec<Field<'_>>> {
    let mut json = serde_json::Deserializer::from_str(text);
    let fields = json.deserialize_map(Fields)?;
    json.end().map(|()| fields)
}

/// Notes where in `text` the value of each field is; new names become columns.
fn keep(fields: &[Field<'_>], text: &str, names: &mut Vec<String>, values: &mut Vec<Range<usize>>) {
    values.fill(0..0);
    for (name, value) in fields {
        let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
        let column = names.iter().position(|known| known == name).unwrap_or_else(|| {
            names.push(name.to_string());
            values.push(0..0);
            names.len() - 1
        });
        values[column] = start..start + value.get().len();
    }
}

/// A field of an object, its value as it stands.
type Field<'a> = (Cow<'a, str>, &'a RawValue);

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<Field<'de>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with a user and an item, or a list of them")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(fields)
    }
}
