//! Identifiers that no model was trained for, to compare tokenizers with.
//!
//! | file | identifier |
//! |---|---|
//! | `title` | P5-TID: the beginning of the title, in words or word pieces |
//! | `category` | P5-SemID: the names of the item's categories |
//! | `controls` | `itemid`, one token an item; `random`, the codewords of another index at random |
//! | `number` | the last token, which makes an identifier unique |
//!
//! P5-TID and P5-SemID are those of Hua et al. (arXiv 2305.06569). They see an item as plain strings and give an [`Index`],
//! whose codewords all have one length: shorter identifiers are filled up with `<pad>`, which a recommender that is held to
//! the existing codewords learns to expect.
//!
//! [`Index`]: crate::tokens::Index

mod category;
mod controls;
mod number;
mod title;

pub use category::{Names, category_index};
pub use controls::{item_ids, shuffled};
pub use title::{PIECES, title_index, word_pieces, words};

#[cfg(test)]
mod tests {
    use crate::tokens::Index;

    /// The codewords as text, in order of the items.
    pub(super) fn rows(index: &Index) -> Vec<String> {
        let text =
            |item: usize| index.row(item).iter().map(|&t| index.vocabulary[t as usize].as_str()).collect::<Vec<_>>().join(" ");
        (0..index.items()).map(text).collect()
    }
}
