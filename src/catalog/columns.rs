//! Many items in little memory: a column of bytes for each part instead of an object for each item.

use super::markup::head;
use super::{Categories, Item};

/// Between the names of a category path, and between paths or tags. Cleaned texts hold no control characters.
const NAME: char = '\u{1f}';
const ENTRY: char = '\u{1e}';
/// Before tags, which have no order among them.
const TAGS: char = '\u{1d}';
/// Characters kept of a description, markup not counted: encoders read no further.
const DESCRIPTION: usize = 1000;
/// Strings of a block. One long block would need twice its room whenever it grew.
const BLOCK: usize = 4096;

/// A column of strings, in blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Column {
    blocks: Vec<Block>,
}

/// Up to [`BLOCK`] strings: string `i` is `bytes[ends[i-1]..ends[i]]`. An item's parts are short: 32 bits are enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Block {
    bytes: String,
    ends: Vec<u32>,
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

impl Column {
    fn push(&mut self, text: &str) {
        if self.len().is_multiple_of(BLOCK) {
            if let Some(full) = self.blocks.last_mut() {
                full.bytes.shrink_to_fit();
            }
            self.blocks.push(Block::default());
        }
        let block = self.blocks.last_mut().expect("pushed above");
        block.bytes.push_str(text);
        block.ends.push(block.bytes.len() as u32);
    }

    fn get(&self, i: usize) -> &str {
        let (block, i) = (&self.blocks[i / BLOCK], i % BLOCK);
        let start = i.checked_sub(1).map_or(0, |before| block.ends[before] as usize);
        &block.bytes[start..block.ends[i] as usize]
    }

    fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.ends.len())
    }
}

impl Columns {
    /// Appends an item; its description is cut to 1,000 characters and their markup.
    pub fn push(&mut self, item: &Item) {
        self.id.push(&item.id);
        self.title.push(&item.title);
        self.brand.push(&item.brand);
        self.categories.push(&packed(&item.categories));
        self.description.push(head(&item.description, DESCRIPTION));
    }

    /// What is kept of item `i`, for [`Columns::push_parts`].
    pub fn parts(&self, i: usize) -> [&str; 5] {
        [&self.id, &self.title, &self.brand, &self.categories, &self.description].map(|column| column.get(i))
    }

    /// Appends an item as other columns keep it.
    pub fn push_parts(&mut self, parts: [&str; 5]) {
        let columns = [&mut self.id, &mut self.title, &mut self.brand, &mut self.categories, &mut self.description];
        columns.into_iter().zip(parts).for_each(|(column, part)| column.push(part));
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.id.len()
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
    fn from_iter<I: IntoIterator<Item = Item>>(items: I) -> Self {
        let mut columns = Self::default();
        items.into_iter().for_each(|item| columns.push(&item));
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
        let mut copied = Columns::default();
        (0..columns.len()).for_each(|i| copied.push_parts(columns.parts(i)));
        assert_eq!(copied, columns);
    }

    #[test]
    fn many_items_span_blocks() {
        let columns: Columns = (0..2 * BLOCK + 1).map(|i| Item { id: i.to_string(), ..Item::default() }).collect();
        assert_eq!(columns.len(), 2 * BLOCK + 1);
        assert!((0..columns.len()).all(|i| columns.id(i) == i.to_string()));
    }

    #[test]
    fn long_descriptions_are_cut_between_characters() {
        let columns: Columns = [Item { description: "é".repeat(5000), ..Item::default() }].into_iter().collect();
        assert_eq!(columns.get(0).description.chars().count(), DESCRIPTION);
    }
}
