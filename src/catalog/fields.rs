//! From a record's named values to an [`Item`]: the names that real catalogues use.

use serde_json::Value;
use serde_json::value::RawValue;

use super::item::{MAX_FIELD_CHARS, clean};
use super::{Categories, FaultKind, FieldUse, Item, Named, Part, ReadOptions, categories};

/// Names of each part, the preferred first; compared in lower case.
const NAMES: &[(Part, &[&str])] = &[
    (
        Part::Id,
        &[
            "id",
            "item_id",
            "itemid",
            "asin",
            "parent_asin",
            "product_id",
            "productid",
            "business_id",
            "movie_id",
            "movieid",
            "sku",
        ],
    ),
    (Part::Title, &["title", "name", "item_name", "product_name", "product_title", "app_name"]),
    (Part::Brand, &["brand", "brand_name", "manufacturer", "store", "vendor"]),
    (Part::Categories, &["categories", "category", "category_path", "tags", "genres", "genre", "main_category"]),
    (Part::Description, &["description", "desc", "summary", "overview", "features", "about"]),
];

/// The names of an id, for messages.
pub(super) fn id_names() -> String {
    NAMES[0].1.join(", ")
}

/// Which part a name stands for, and its rank among the names of that part (0 is preferred).
///
/// A part for which a field was `named` is read from that field alone.
pub(super) fn lookup(name: &str, named: &[Named]) -> Option<(Part, usize)> {
    if let Some(named) = named.iter().find(|named| named.field == name && !name.is_empty()) {
        return Some((named.part, 0));
    }
    let name = name.trim().to_ascii_lowercase();
    let found = NAMES.iter().find_map(|(part, names)| Some((*part, names.iter().position(|n| *n == name)?)));
    found.filter(|(part, _)| named.iter().all(|named| named.part != *part))
}

/// The rank of a name among those of an id, if it is one.
#[cfg(feature = "parquet")]
pub(super) fn id_rank(name: &str) -> Option<usize> {
    lookup(name, &[]).filter(|(part, _)| *part == Part::Id).map(|(_, rank)| rank)
}

/// A field's name with what it is read as.
pub(super) fn field_use(name: String, named: &[Named]) -> FieldUse {
    let found = lookup(&name, named);
    FieldUse { part: found.map(|found| found.0), rank: found.map_or(0, |found| found.1), name }
}

/// A value as a format gives it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    Json(&'a RawValue),
    Cell(&'a str),
    #[cfg(feature = "parquet")]
    Value(&'a Value),
}

/// Builds an item from `(part, rank, value)`: for each part the first by rank that is not empty.
///
/// # Errors
/// A value cannot be read; or there is no id, unless items are numbered.
pub(super) fn item(mut values: Vec<(Part, usize, Raw<'_>)>, options: &ReadOptions) -> Result<Item, FaultKind> {
    values.sort_by_key(|v| v.1);
    let mut item = Item::default();
    for (part, _, value) in values {
        let text = match part {
            Part::Id => &mut item.id,
            Part::Title => &mut item.title,
            Part::Brand => &mut item.brand,
            Part::Description => &mut item.description,
            Part::Categories => {
                if item.categories == Categories::None {
                    item.categories = value.categories()?;
                }
                continue;
            }
        };
        if text.is_empty() {
            *text = if part == Part::Id { value.id()? } else { value.text()? };
        }
    }
    if item.id.is_empty() && !options.number { Err(FaultKind::NoId) } else { Ok(item) }
}

impl Raw<'_> {
    /// The id exactly as written; a number keeps its digits. Empty where there is none.
    fn id(self) -> Result<String, FaultKind> {
        let id = match self {
            Raw::Cell(cell) => cell.to_owned(),
            #[cfg(feature = "parquet")]
            Raw::Value(value) => match value {
                Value::String(_) | Value::Number(_) | Value::Null => joined(value),
                _ => return Err(FaultKind::BadId),
            },
            Raw::Json(raw) => match raw.get().as_bytes()[0] {
                b'"' => parse(raw)?,
                b'n' => String::new(),
                b'-' | b'0'..=b'9' => raw.get().to_owned(),
                _ => return Err(FaultKind::BadId),
            },
        };
        match id.chars().nth(MAX_FIELD_CHARS) {
            Some(_) => Err(FaultKind::TooLong { limit: MAX_FIELD_CHARS }),
            None if id.trim().is_empty() => Ok(String::new()),
            None => Ok(id),
        }
    }

    fn text(self) -> Result<String, FaultKind> {
        match self {
            Raw::Cell(cell) => Ok(clean(cell)),
            #[cfg(feature = "parquet")]
            Raw::Value(value) => Ok(clean(&joined(value))),
            Raw::Json(raw) => Ok(clean(&joined(&parse(raw)?))),
        }
    }

    fn categories(self) -> Result<Categories, FaultKind> {
        match self {
            Raw::Cell(cell) => Ok(categories::from_text(cell)),
            #[cfg(feature = "parquet")]
            Raw::Value(value) => Ok(categories::from_value(value)),
            Raw::Json(raw) => Ok(categories::from_value(&parse(raw)?)),
        }
    }
}

/// Parses a value. Nesting too deep and half of a surrogate pair are found only now, not when the record was read.
fn parse<T: serde::de::DeserializeOwned>(raw: &RawValue) -> Result<T, FaultKind> {
    serde_json::from_str(raw.get()).map_err(|e| FaultKind::json(&e))
}

/// Strings and numbers as they are, lists joined by spaces, anything else as nothing.
fn joined(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(entries) => entries.iter().map(joined).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}
