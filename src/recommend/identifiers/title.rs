//! P5-TID: an item is the beginning of its title.

use super::number::numbered;
use crate::tokens::{Index, IndexError};

/// Pieces of a title that are kept. Six words tell nine in ten titled items apart in catalogues of ten thousand, and a history
/// of twenty items still fits in the reach of a small recommender.
pub const PIECES: usize = 6;

/// The index of items by id and title: the first `pieces` pieces that `split` makes of a title, and a number.
///
/// `split` is [`words`], or the word pieces of a text encoder. An item without a title has its number alone.
///
/// # Errors
/// No items, or an id that appears twice.
pub fn title_index<'a>(
    items: impl IntoIterator<Item = (&'a str, &'a str)>,
    split: &dyn Fn(&str) -> Vec<String>,
    pieces: usize,
) -> Result<Index, IndexError> {
    let tokens = |title: &str| split(title).into_iter().map(|piece| format!("<t_{piece}>")).collect();
    numbered(items.into_iter().map(|(id, title)| (id.to_string(), tokens(title))), pieces)
}

/// The words of a title in lower case: runs of letters and digits.
pub fn words(title: &str) -> Vec<String> {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::identifiers::tests::rows;

    #[test]
    fn titles_begin_alike_where_they_read_alike_and_a_number_tells_the_rest_apart() {
        let items = [("a", "Blue Lamp, small"), ("b", "blue lamp (small)"), ("c", "Blue chair"), ("d", "")];
        let index = title_index(items, &words, 3).unwrap();
        assert_eq!(
            rows(&index),
            [
                "<t_blue> <t_lamp> <t_small> <n_0>",
                "<t_blue> <t_lamp> <t_small> <n_1>",
                "<t_blue> <t_chair> <pad> <n_0>",
                "<pad> <pad> <pad> <n_0>"
            ]
        );
        assert!(index.bucket_sizes_of_items().iter().all(|&size| size == 1));
        assert_eq!(title_index(items, &words, 1).unwrap().width, 2);
    }

    #[test]
    fn no_items_and_repeated_ids_are_errors() {
        assert!(matches!(title_index([], &words, 3), Err(IndexError::Empty)));
        assert!(matches!(title_index([("a", "x"), ("a", "y")], &words, 3), Err(IndexError::Duplicate { .. })));
    }
}
