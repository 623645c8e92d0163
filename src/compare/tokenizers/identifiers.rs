//! Identifiers that no model is trained for: P5's, and the controls.

use rand::RngExt;
use serde_json::Map;

use super::{Made, Reads, Task, Tokenizer};
use crate::catalog::{Categories, Item};
use crate::compare::error::CompareError;
use crate::compare::preset::Preset;
use crate::learn::seed::generator;
use crate::recommend::identifiers::{Names, PIECES, category_index, item_ids, title_index, words};
use crate::tokens::{Index, IndexError, letters};

/// Levels and codes of random codewords: as many as most tokenizers have.
const RANDOM: (usize, u32) = (4, 256);

/// Tokens that follow from a catalogue alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identifier {
    /// The words of the title (P5-TID).
    Title,
    /// The names of the category (P5-SemID).
    Category,
    /// One token an item.
    ItemId,
    /// Four random codes an item.
    Random,
}

impl Tokenizer for Identifier {
    fn name(&self) -> &'static str {
        match self {
            Self::Title => "p5-tid",
            Self::Category => "p5-semid",
            Self::ItemId => "itemid",
            Self::Random => "random",
        }
    }

    fn reads(&self) -> Reads {
        Reads { fields: true, ..Reads::default() }
    }

    fn settings(&self, _: &Preset, changes: &[String]) -> Result<String, CompareError> {
        match changes.first() {
            Some(change) => Err(CompareError::NoSettings { tokenizer: self.name(), change: change.clone() }),
            None => Ok(String::new()),
        }
    }

    fn steps(&self, _: &Preset) -> f64 {
        0.0
    }

    fn make(&self, task: &mut Task<'_>) -> Result<Option<Made>, CompareError> {
        let indexes = task.targets.iter().map(|target| self.index(&target.items, task.seed)).collect::<Result<_, _>>()?;
        Ok(Some(Made { indexes, parameters: 0, measured: Map::new() }))
    }
}

impl Identifier {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ItemId, Self::Random, Self::Title, Self::Category];

    /// The tokens of a catalogue's items; only random ones depend on the seed.
    ///
    /// # Errors
    /// No items, or an id that appears twice.
    pub fn index(self, catalogue: &[Item], seed: u64) -> Result<Index, IndexError> {
        let items = || catalogue.iter();
        match self {
            Self::Title => title_index(items().map(|item| (item.id.as_str(), item.title.as_str())), &words, PIECES),
            Self::Category => category_index(items().map(|item| (item.id.clone(), names(item)))),
            Self::ItemId => item_ids(items().map(|item| item.id.as_str())),
            Self::Random => Index::from_rows(items().zip(0..).map(|(item, number)| {
                let mut rng = generator(seed, "random codeword", number);
                let code = |level| format!("<{}_{}>", letters(level), rng.random_range(0..RANDOM.1));
                (item.id.clone(), (0..RANDOM.0).map(code).collect())
            })),
        }
    }
}

/// The categories of an item as P5 sees them: its last path, as an item's text has it, or its tags. The brand stands in where
/// there are none: with nothing but its number, an item's identifier would be that of `itemid`.
fn names(item: &Item) -> Names {
    match &item.categories {
        Categories::None => Names::Path([&item.brand].into_iter().filter(|brand| !brand.is_empty()).cloned().collect()),
        Categories::Paths(paths) => Names::Path(paths.last().cloned().unwrap_or_default()),
        Categories::Tags(tags) => Names::Flat(tags.clone()),
    }
}
