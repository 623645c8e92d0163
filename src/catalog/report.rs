//! Counts of what was read and what was left out.

use std::fmt;

use serde::Serialize;

use super::{At, Fault};
use crate::base::words::counted;

/// Examples kept of each kind.
pub(super) const EXAMPLES: usize = 3;

/// Counts of a reading, with the first few examples of what was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Items given out by the reader (those without text included).
    pub items: u64,
    /// Items left out because their id was there before.
    pub duplicates: u64,
    /// Their ids, the first few.
    pub first_duplicates: Vec<String>,
    /// Rows without a title that repeat the id of the item before them, as shops list a product's variants.
    pub variants: u64,
    /// Items that had no id and were numbered.
    pub numbered: u64,
    /// Malformed records left out.
    pub skipped: u64,
    /// What is wrong with the first few.
    pub first_skipped: Vec<Fault>,
    /// Records of a table that hold, inside quotes, lines which look like records themselves. If they are, quotes are
    /// missing, and items with them.
    pub holding_rows: u64,
    /// Where the first few begin.
    pub first_holding_rows: Vec<At>,
    /// Items whose text has HTML tags or entities, removed or not; counted by `model::Texts`.
    pub with_markup: u64,
    /// Items that the template finds no text in; counted by `model::Texts`.
    pub without_text: u64,
    /// Their ids, the first few.
    pub first_without_text: Vec<String>,
}

impl Report {
    /// Adds the counts of another file.
    pub fn merge(&mut self, other: Self) {
        self.items += other.items;
        self.duplicates += other.duplicates;
        self.variants += other.variants;
        self.numbered += other.numbered;
        self.with_markup += other.with_markup;
        self.skipped += other.skipped;
        self.holding_rows += other.holding_rows;
        self.without_text += other.without_text;
        extend(&mut self.first_duplicates, other.first_duplicates);
        extend(&mut self.first_skipped, other.first_skipped);
        extend(&mut self.first_holding_rows, other.first_holding_rows);
        extend(&mut self.first_without_text, other.first_without_text);
    }

    /// Counts an item left out because of its id.
    pub fn duplicate(&mut self, id: &str) {
        self.duplicates += 1;
        extend(&mut self.first_duplicates, [id.to_owned()]);
    }

    pub(super) fn skip(&mut self, fault: Fault) {
        self.skipped += 1;
        extend(&mut self.first_skipped, [fault]);
    }

    pub(super) fn holds_rows(&mut self, at: At) {
        self.holding_rows += 1;
        extend(&mut self.first_holding_rows, [at]);
    }

    pub(super) fn no_text(&mut self, id: &str) {
        self.without_text += 1;
        extend(&mut self.first_without_text, [id.to_owned()]);
    }
}

fn extend<T>(examples: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    let room = EXAMPLES.saturating_sub(examples.len());
    examples.extend(more.into_iter().take(room));
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", counted(self.items, "item"))?;
        if self.duplicates > 0 {
            write!(f, "; {} with an id seen before left out (ids {}…)", self.duplicates, self.first_duplicates.join(", "))?;
        }
        if self.variants > 0 {
            write!(f, "; {} below their item passed over", counted(self.variants, "variant"))?;
        }
        if self.numbered > 0 {
            write!(f, "; {} without an id, numbered", self.numbered)?;
        }
        if self.without_text > 0 {
            write!(f, "; {} without text (ids {}…)", self.without_text, self.first_without_text.join(", "))?;
        }
        if self.holding_rows > 0 {
            let at: Vec<_> = self.first_holding_rows.iter().map(ToString::to_string).collect();
            let (count, at) = (self.holding_rows, at.join(", "));
            write!(
                f,
                "; {count} with quoted lines that look like rows: if they are, a quote is missing or one too many ({at}…)"
            )?;
        }
        if self.skipped > 0 {
            write!(f, "; {} skipped:", counted(self.skipped, "malformed record"))?;
            self.first_skipped.iter().try_for_each(|fault| write!(f, "\n  {fault}"))?;
        }
        Ok(())
    }
}
