//! One JSON object to an item.

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::{Fields, Raw};
use super::{FaultKind, Item, literal};

/// What is wrong with a record, and at which of its bytes.
type Wrong = (FaultKind, usize);

/// Parses an object whose id may be the JSON string `key`. What is no JSON is tried as a Python dict, and as JSON with NaN.
pub(super) fn item(text: &str, key: Option<&[u8]>, fields: &mut Fields) -> Result<Item, Wrong> {
    match strict(text, key, fields) {
        Err((kind @ FaultKind::Json(_), at)) if text.trim_start().starts_with('{') => match literal::to_json(text) {
            Ok(json) => strict(&json, key, fields).map_err(|(kind, _)| (kind, 0)),
            // Serde points to the last byte of a record that is cut short, not behind it.
            Err((byte, what)) if byte > at + 1 => Err((FaultKind::Json(what), byte)),
            Err(_) => Err((kind, at)),
        },
        item => item,
    }
}

fn strict(text: &str, key: Option<&[u8]>, fields: &mut Fields) -> Result<Item, Wrong> {
    if !text.trim_start().starts_with('{') {
        let bad = serde_json::from_str::<IgnoredAny>(text).err();
        return Err(bad.map_or((FaultKind::NotAnObject, 0), |e| locate(text, &e)));
    }
    let mut values = Vec::new();
    let key: Option<&RawValue> = key.map(raw).transpose()?;
    if let Some(key) = key {
        values.push((fields.key(), Raw::Json(key)));
    }
    fields.begin();
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = deserializer.deserialize_map(Known { fields, values: &mut values }).and_then(|()| deserializer.end());
    read.map_err(|e| locate(text, &e))?;
    fields.item(values.into_iter()).map_err(|kind| (kind, 0))
}

/// The item of an object of titles: its key and its value, as they stand in the file.
pub(super) fn titled(title: &str, key: &[u8], fields: &mut Fields) -> Result<Item, Wrong> {
    let title = serde_json::from_str(title.trim()).map_err(|e| locate(title, &e))?;
    let values = [(fields.key(), Raw::Json(raw(key)?)), (fields.value(), Raw::Json(title))];
    fields.item(values.into_iter()).map_err(|kind| (kind, 0))
}

fn raw(key: &[u8]) -> Result<&RawValue, Wrong> {
    serde_json::from_slice(key).map_err(|e| (FaultKind::json(&e), 0))
}

/// Serde's message, and the offset in `text` that it points to.
fn locate(text: &str, error: &serde_json::Error) -> Wrong {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (FaultKind::json(error), (before + error.column().saturating_sub(1)).min(text.len()))
}

/// Keeps the values of fields that are parts as raw text, passes over the rest.
struct Known<'f, 'v, 'de> {
    fields: &'f mut Fields,
    values: &'v mut Vec<(usize, Raw<'de>)>,
}

impl<'de> Visitor<'de> for Known<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with an item's fields")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match self.fields.find(&name) {
                Some(field) => self.values.push((field, Raw::Json(map.next_value::<&'de RawValue>()?))),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}
