//! One JSON object to an item.

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fields::{Raw, field_use, item, lookup};
use super::{FaultKind, FieldUse, Item, Named, Part, ReadOptions};

/// Parses one object. On a JSON error the offset of the fault comes with it.
pub(super) fn parse(text: &str, options: &ReadOptions) -> Result<Item, (FaultKind, usize)> {
    if !text.trim_start().starts_with('{') {
        let bad = serde_json::from_str::<IgnoredAny>(text).err();
        return Err(bad.map_or((FaultKind::NotAnObject, 0), |e| locate(text, &e)));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let values =
        deserializer.deserialize_map(Known { named: &options.fields }).and_then(|values| deserializer.end().map(|()| values));
    item(values.map_err(|e| locate(text, &e))?, options).map_err(|kind| (kind, 0))
}

/// The names of an object's fields, and what they are read as; none where it is no object.
pub(super) fn field_uses(text: &str, named: &[Named]) -> Vec<FieldUse> {
    let fields: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap_or_default();
    fields.into_iter().map(|(name, _)| field_use(name, named)).collect()
}

/// Serde's message, and the offset in `text` that it points to.
fn locate(text: &str, error: &serde_json::Error) -> (FaultKind, usize) {
    let before: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    (FaultKind::json(error), (before + error.column().saturating_sub(1)).min(text.len()))
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
