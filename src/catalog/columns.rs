//! Many items in little memory: a column of bytes for each part instead of an object for each item.

use super::{Categories, Item};

/// Between the names of a category path, and between paths or tags. Cleaned texts hold no control characters.
const NAME: char = '\u{1f}';
const ENTRY: char = '\u{1e}';
/// Before tags, which have no order among them.
const TAGS: char = '\u{1d}';
/// Characters kept of a description: encoders read a few hundred.
const DESCRIPTION: usize = 2000;

/// A column of strings: string `i` is `bytes[ends[i-1]..ends[i]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// All strings, one after another.
    pub bytes: String,
    /// Where each ends.
    pub ends: Vec<u32>,
}

/// Items as columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    id: Column,
    title: Column,
    brand: Column,
    categories: Column,
    description: Column,
}

/// The columns together have over 4 GiB.
#[derive(Debug, thiserror::Error)]
#[error("a column of the catalogue has over 4 GiB of text: use the command line, which reads it as a stream")]
pub struct ColumnFull;

impl Column {
    /// Appends a string.
    ///
    /// # Errors
    /// [`ColumnFull`] beyond 4 GiB.
    pub fn push(&mut self, text: &str) -> Result<(), ColumnFull> {
        let end = u32::try_from(self.bytes.len() + text.len()).map_err(|_| ColumnFull)?;
        self.bytes.push_str(text);
        self.ends.push(end);
        Ok(())
    }

    /// String `i`.
    pub fn get(&self, i: usize) -> &str {
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.bytes[start..self.ends[i] as usize]
    }
}

impl Columns {
    /// Appends an item; its description is cut to 2,000 characters.
    ///
    /// # Errors
    /// [`ColumnFull`] beyond 4 GiB.
    pub fn push(&mut self, item: &Item) -> Result<(), ColumnFull> {
        self.id.push(&item.id)?;
        self.title.push(&item.title)?;
        self.brand.push(&item.brand)?;
        self.categories.push(&packed(&item.categories))?;
        let description = &item.description;
        let cut = description.char_indices().nth(DESCRIPTION).map_or(description.len(), |(at, _)| at);
        self.description.push(&description[..cut])
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.id.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Item `i`.
    pub fn get(&self, i: usize) -> Item {
        Item {
            id: self.id.get(i).into(),
            title: self.title.get(i).into(),
            brand: self.brand.get(i).into(),
            categories: unpacked(self.categories.get(i)),
            description: self.description.get(i).into(),
        }
    }

    /// Every item in turn.
    pub fn iter(&self) -> impl Iterator<Item = Item> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// The id of item `i`.
    pub fn id(&self, i: usize) -> &str {
        self.id.get(i)
    }

    /// The title of item `i`.
    pub fn title(&self, i: usize) -> &str {
        self.title.get(i)
    }
}

impl FromIterator<Item> for Columns {
    /// Items whose columns fit; used where they are few.
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut columns = Self::default();
        // One item a call is far from 4 GiB; what came from columns fits columns.
        items.into_iter().take_while(|item| columns.push(item).is_ok()).for_each(drop);
        columns
    }
}

fn packed(categories: &Categories) -> String {
    match categories {
        Categories::None => String::new(),
        Categories::Tags(tags) => TAGS.to_string() + &tags.join(&ENTRY.to_string()),
        Categories::Paths(paths) => {
            paths.iter().map(|path| path.join(&NAME.to_string())).collect::<Vec<_>>().join(&ENTRY.to_string())
        }
    }
}

fn unpacked(text: &str) -> Categories {
    let names = |text: &str, by: char| text.split(by).map(Into::into).collect::<Vec<String>>();
    match text.strip_prefix(TAGS) {
        Some(tags) => Categories::Tags(names(tags, ENTRY)),
        None if text.is_empty() => Categories::None,
        None => Categories::Paths(text.split(ENTRY).map(|path| names(path, NAME)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_back_as_they_went_in() {
        let item = |id: &str, categories| Item { id: id.into(), title: format!("T {id}"), categories, ..Item::default() };
        let paths = Categories::Paths(vec![vec!["A".into(), "B".into()], vec!["C".into()]]);
        let items = [
            item("1", Categories::None),
            item("2", paths),
            item("ü", Categories::Tags(vec!["x".into(), "y z".into()])),
            Item { brand: "b".into(), description: "d".into(), ..item("4", Categories::Tags(vec!["t".into()])) },
        ];
        let columns: Columns = items.iter().cloned().collect();
        assert_eq!(columns.iter().collect::<Vec<_>>(), items);
        assert_eq!((columns.id(2), columns.title(2), columns.len()), ("ü", "T ü", 4));
    }

    #[test]
    fn long_descriptions_are_cut_between_characters() {
        let columns: Columns = [Item { description: "é".repeat(5000), ..Item::default() }].into_iter().collect();
        assert_eq!(columns.get(0).description.chars().count(), DESCRIPTION);
    }
}
