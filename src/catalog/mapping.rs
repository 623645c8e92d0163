//! Types that say which field of a record is which part of an item; the known names are in `fields`.

use std::str::FromStr;

use serde::Serialize;

/// A part of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Part {
    /// The catalogue's own id.
    Id,
    /// Title or name.
    Title,
    /// Brand.
    Brand,
    /// Categories.
    Categories,
    /// Free text.
    Description,
}

/// Every part, in the order of a text.
const PARTS: [Part; 5] = [Part::Id, Part::Title, Part::Brand, Part::Categories, Part::Description];

/// A field that was named to be a part, instead of the usual names; no field at all where the name is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Named {
    /// The part.
    pub part: Part,
    /// Name of the field, as in the file.
    pub field: String,
}

/// A field of a catalogue, and what it was read as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct FieldUse {
    /// Name in the file.
    pub name: String,
    /// The part that it serves; of several fields for one part the least `rank` goes first.
    pub part: Option<Part>,
    /// 0 is preferred.
    pub rank: usize,
    /// Items that have the part from this field.
    pub used: u64,
    /// Records in which it was looked at and empty.
    pub empty: u64,
    /// Values that could not be read, or in part only: objects without a name, booleans.
    pub unread: u64,
    /// How the first of them begins.
    pub example: Option<String>,
}

impl FieldUse {
    /// A field of which only the name is known.
    pub(super) fn new(name: String) -> Self {
        Self { name, part: None, rank: 0, used: 0, empty: 0, unread: 0, example: None }
    }
}

impl Part {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Brand => "brand",
            Self::Categories => "categories",
            Self::Description => "description",
        }
    }
}

impl FromStr for Named {
    type Err = String;

    /// `title=name`: the field `name` is the title.
    fn from_str(text: &str) -> Result<Self, String> {
        let (part, field) = text.split_once('=').ok_or("expected PART=NAME, as in title=product_name")?;
        let part = PARTS.into_iter().find(|p| p.name() == part);
        let part = part.ok_or("the part is one of id, title, brand, categories and description")?;
        Ok(Self { part, field: field.into() })
    }
}
