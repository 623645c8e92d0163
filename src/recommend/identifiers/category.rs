//! P5-SemID: an item is the path of its category, and a number within it.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::number::numbered;
use crate::tokens::{Index, IndexError};

/// Names that are kept of an item. Paths are seldom deeper, and of flat lists the paper keeps five.
const NAMES: usize = 5;

/// The categories of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// A path from the general to the particular: its first five names are kept.
    Path(Vec<String>),
    /// A flat list: its five most frequent names in the catalogue are kept, the most frequent first.
    Flat(Vec<String>),
}

/// The index of items by id and categories: a token a name, then a number among the items of the same names. It is as long as
/// the longest needs to be. An item without categories has its number alone.
///
/// # Errors
/// No items, or an id that appears twice.
pub fn category_index(items: impl IntoIterator<Item = (String, Names)>) -> Result<Index, IndexError> {
    let mut items: Vec<(String, Names)> = items.into_iter().collect();
    let mut uses: HashMap<String, usize> = HashMap::new();
    for name in items.iter().flat_map(|(_, names)| if let Names::Flat(names) = names { names.as_slice() } else { &[] }) {
        *uses.entry(name.clone()).or_default() += 1;
    }
    for (_, names) in &mut items {
        if let Names::Flat(names) = names {
            names.sort_by_key(|name| (Reverse(uses[name]), name.clone()));
            names.dedup();
        }
    }
    let rows: Vec<(String, Vec<String>)> = items.into_iter().map(|(id, names)| (id, tokens(names))).collect();
    let width = rows.iter().map(|(_, tokens)| tokens.len()).max().unwrap_or(0);
    numbered(rows, width)
}

fn tokens(names: Names) -> Vec<String> {
    let (Names::Path(names) | Names::Flat(names)) = names;
    names.into_iter().take(NAMES).map(|name| format!("<c_{name}>")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::identifiers::tests::rows;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    fn index(items: &[Names]) -> Index {
        category_index(items.iter().enumerate().map(|(i, names)| (i.to_string(), names.clone()))).unwrap()
    }

    #[test]
    fn a_path_keeps_its_first_names_and_numbers_count_within_it() {
        let items = ["home lamps desk", "home lamps desk", "home chairs", "home a b c d e", ""];
        let index = index(&items.map(|path| Names::Path(names(path))));
        assert_eq!(
            rows(&index),
            [
                "<c_home> <c_lamps> <c_desk> <pad> <pad> <n_0>",
                "<c_home> <c_lamps> <c_desk> <pad> <pad> <n_1>",
                "<c_home> <c_chairs> <pad> <pad> <pad> <n_0>",
                "<c_home> <c_a> <c_b> <c_c> <c_d> <n_0>",
                "<pad> <pad> <pad> <pad> <pad> <n_0>"
            ]
        );
    }

    #[test]
    fn a_flat_list_keeps_the_most_frequent_names_in_their_order_whatever_its_own() {
        let items = ["bar food", "food pizza bar", "pizza food", "q1 q2 q3 q4 food bar pizza", "food"];
        let index = index(&items.map(|list| Names::Flat(names(list))));
        assert_eq!(rows(&index)[0], "<c_food> <c_bar> <pad> <pad> <pad> <n_0>");
        assert_eq!(rows(&index)[1], "<c_food> <c_bar> <c_pizza> <pad> <pad> <n_0>");
        assert_eq!(rows(&index)[3], "<c_food> <c_bar> <c_pizza> <c_q1> <c_q2> <n_0>");
    }

    #[test]
    fn without_any_categories_an_item_is_its_number() {
        let index = index(&[Names::Flat(vec![]), Names::Path(vec![])]);
        assert_eq!(rows(&index), ["<n_0>", "<n_1>"]);
    }
}
