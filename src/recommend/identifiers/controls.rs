//! Controls: what a recommender reaches without a tokenizer, and with codewords that say nothing.

use rand::seq::SliceRandom;

use crate::learn::seed::generator;
use crate::tokens::{Index, IndexError};

/// `itemid`: one token an item. Every tokenizer is held to it.
///
/// # Errors
/// No items, or an id that appears twice.
pub fn item_ids<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<Index, IndexError> {
    Index::from_rows(ids.into_iter().enumerate().map(|(number, id)| (id, vec![format!("<i_{number}>")])))
}

/// `random`: the codewords of `index`, permuted over its items. They are as many, as long and as often used as before, but have
/// nothing to do with the items any more: the floor of every comparison.
pub fn shuffled(index: &Index, seed: u64) -> Index {
    let mut order: Vec<usize> = (0..index.items()).collect();
    order.shuffle(&mut generator(seed, "codewords over items", 0));
    let tokens = order.into_iter().flat_map(|item| index.row(item)).copied().collect();
    Index { tokens, ..index.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::identifiers::tests::rows;

    #[test]
    fn every_item_is_a_token_of_its_own() {
        let index = item_ids(["x", "y", "z"]).unwrap();
        assert_eq!((index.width, rows(&index)), (1, ["<i_0>", "<i_1>", "<i_2>"].map(String::from).to_vec()));
        assert!(item_ids(["x", "x"]).is_err() && item_ids([]).is_err());
    }

    #[test]
    fn shuffling_keeps_the_codewords_and_depends_on_the_seed_alone() {
        let items = (0..50).map(|i| (i.to_string(), vec![format!("<a_{}>", i % 7), format!("<b_{i}>")]));
        let index = Index::from_rows(items).unwrap();
        let (one, again, two) = (shuffled(&index, 1), shuffled(&index, 1), shuffled(&index, 2));
        assert_eq!(one, again);
        assert!(one != index && one != two && one.ids == index.ids);
        let sorted = |index: &Index| {
            let mut rows = rows(index);
            rows.sort();
            rows
        };
        assert_eq!(sorted(&one), sorted(&index));
    }
}
