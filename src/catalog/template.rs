//! How an item's fields become one text.

use serde::{Deserialize, Serialize};

use super::Item;

/// Which fields go into an item's text, in order, and how they are joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Template {
    /// Fields in order: `title`, `brand`, `categories`, `description`.
    pub fields: Vec<Field>,
    /// Put between fields.
    pub separator: String,
    /// Characters of the description that are kept.
    pub description_chars: usize,
}

/// A field that a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// Title.
    Title,
    /// Brand.
    Brand,
    /// Last category path, or sorted tags.
    Categories,
    /// Beginning of the description.
    Description,
}

impl Default for Template {
    fn default() -> Self {
        Self {
            fields: vec![Field::Title, Field::Brand, Field::Categories, Field::Description],
            separator: ". ".into(),
            description_chars: 300,
        }
    }
}

impl Template {
    /// The item's text, or nothing when every field is empty.
    pub fn text(&self, _item: &Item) -> Option<String> {
        None
    }
}
