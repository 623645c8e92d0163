//! The texts of a catalogue's items, with a rule for items that have none.

use super::Template;
use crate::catalog::{CatalogError, Item, Reader};

/// The text that [`NoText::Placeholder`] gives to an item without one. A zero vector could not be tokenized.
pub const PLACEHOLDER: &str = "An item without a description.";

/// What becomes of an item that the template finds no text in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NoText {
    /// It is left out, counted and reported.
    #[default]
    LeaveOut,
    /// It gets the text [`PLACEHOLDER`].
    Placeholder,
    /// It ends the reading with an error.
    Stop,
}

/// Iterates over items and their texts.
pub struct Texts<'a> {
    reader: Reader<'a>,
    template: Template,
    no_text: NoText,
}

impl<'a> Texts<'a> {
    /// The texts that `template` makes of the items of `reader`.
    pub fn new(reader: Reader<'a>, template: Template, no_text: NoText) -> Self {
        Self { reader, template, no_text }
    }

    /// The catalogue's reader, for its report and progress.
    pub fn reader(&self) -> &Reader<'a> {
        &self.reader
    }

    fn text(&mut self, item: &Item) -> Result<Option<String>, CatalogError> {
        if self.template.finds_markup(item) {
            self.reader.count_with_markup();
        }
        if let Some(text) = self.template.text(item) {
            return Ok(Some(text));
        }
        self.reader.count_without_text(&item.id);
        match self.no_text {
            NoText::LeaveOut => Ok(None),
            NoText::Placeholder => Ok(Some(PLACEHOLDER.into())),
            NoText::Stop => {
                Err(CatalogError::NoText { name: self.reader.name().into(), at: self.reader.item_at(), id: item.id.clone() })
            }
        }
    }
}

impl Iterator for Texts<'_> {
    type Item = Result<(Item, String), CatalogError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let item = match self.reader.next()? {
                Ok(item) => item,
                Err(error) => return Some(Err(error)),
            };
            match self.text(&item).transpose() {
                Some(text) => return Some(text.map(|text| (item, text))),
                None => continue,
            }
        }
    }
}
