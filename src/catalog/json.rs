//! JSON records: lines, and the elements of an array.

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::{Raw, item, lookup};
use super::{CatalogError, FaultKind, FieldUse, Item, Named, Part};
use crate::tables::{End, Input};

/// Finds the elements of an array without reading it whole.
#[derive(Debug, Default)]
pub(super) struct ArrayScanner {
    opened: bool,
    elements: u64,
}

impl ArrayScanner {
    /// Moves to the next element: false at the closing bracket.
    pub(super) fn advance(&mut self, input: &mut Input<'_>) -> Result<Result<bool, FaultKind>, CatalogError> {
        if !self.opened {
            self.opened = true;
            input.skip_while(|b| b.is_ascii_whitespace())?;
            input.advance(1, 0);
        }
        loop {
            input.skip_while(|b| b.is_ascii_whitespace())?;
            match input.peek()? {
                None => return Ok(Err(FaultKind::Truncated)),
                Some(b']') => {
                    input.advance(1, 0);
                    input.skip_while(|b| b.is_ascii_whitespace())?;
                    let rest = input.peek()?;
                    return Ok(rest.map_or(Ok(false), |_| Err(FaultKind::Json("something follows the array".into()))));
                }
                Some(b',') if self.elements > 0 => input.advance(1, 0),
                Some(_) => {
                    self.elements += 1;
                    return Ok(Ok(true));
                }
            }
        }
    }
}

/// Reads the element that lies ahead into `record`.
pub(super) fn take_element(input: &mut Input<'_>, record: &mut Vec<u8>) -> Result<End, CatalogError> {
    if !matches!(input.peek()?, Some(b'{' | b'[' | b'"')) {
        // A bare word: up to what ends it, which stays.
        while let Some(byte) = input.peek()?.filter(|b| !matches!(b, b',' | b']' | b'\n')) {
            record.push(byte);
            input.advance(1, 0);
        }
        return Ok(End::Complete);
    }
    let (mut depth, mut quoted, mut escaped) = (0u64, false, false);
    Ok(input.take(record, |byte| {
        match byte {
            _ if std::mem::take(&mut escaped) => {}
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth -= 1,
            _ => {}
        }
        depth == 0 && !quoted
    })?)
}

/// Parses one object. On a JSON error the offset of the fault comes with it.
pub(super) fn parse(text: &str, named: &[Named]) -> Result<Item, (FaultKind, usize)> {
    if !text.trim_start().starts_with('{') {
        let bad = serde_json::from_str::<IgnoredAny>(text).err();
        return Err(bad.map_or((FaultKind::NotAnObject, 0), |e| locate(text, &e)));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let values = deserializer.deserialize_map(Known { named }).and_then(|values| deserializer.end().map(|()| values));
    item(values.map_err(|e| locate(text, &e))?).map_err(|kind| (kind, 0))
}

/// The names of an object's fields, and what they are read as; none where it is no object.
pub(super) fn field_uses(text: &str, named: &[Named]) -> Vec<FieldUse> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    fields.into_iter().map(|(name, _)| super::fields::field_use(name, named)).collect()
}

/// Splits serde's message into the words and the offset in `text`.
fn locate(text: &str, error: &serde_json::Error) -> (FaultKind, usize) {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (FaultKind::Json(words(error)), (before + error.column().saturating_sub(1)).min(text.len()))
}

/// Serde's message without its place, which counts from the record's beginning.
pub(super) fn words(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(message.as_str(), |(words, _)| words).into()
}

/// Keeps the values of known names as raw text, passes over the rest.
struct Known<'a> {
    named: &'a [Named],
}

impl<'de> Visitor<'de> for Known<'_> {
    type Value = Vec<(Part, usize, Raw<'de>)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with an item's fields")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut values = Vec::new();
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match lookup(&name, self.named) {
                Some((part, rank)) => values.push((part, rank, Raw::Json(map.next_value::<&'de RawValue>()?))),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(values)
    }
}
