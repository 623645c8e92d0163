//! The trie of an index as flat arrays, in compressed sparse rows.

use super::error::HandoverError;
use super::numbers::Array;
use super::sorted::Sorted;
use super::vocabulary::Vocabulary;
use crate::tokens::Columns;

/// The file of them.
pub(super) const FILE: &str = "trie.npz";

/// A trie over numbers of a vocabulary. Nodes are numbered breadth first, 0 is the root. The edges of node `n` are
/// `indptr[n]..indptr[n + 1]`; edge `e` has the token `tokens[e]` and leads to node `e + 1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrieArrays {
    /// `[nodes + 1]`
    pub indptr: Vec<i32>,
    /// `[nodes − 1]`, ascending in each row.
    pub tokens: Vec<i32>,
    /// `[nodes + 1]`: the items whose codeword ends at node `n` are `items[item_indptr[n]..item_indptr[n + 1]]`.
    pub item_indptr: Vec<i32>,
    /// `[items]` rows of the index.
    pub items: Vec<i32>,
}

impl TrieArrays {
    /// The trie of an index.
    ///
    /// # Errors
    /// More nodes or items than 31 bits hold.
    pub fn new(index: Columns, vocabulary: &Vocabulary) -> Result<Self, HandoverError> {
        let sorted = vocabulary.sorted(index)?;
        let mut arrays = Self { indptr: Vec::new(), tokens: Vec::new(), item_indptr: Vec::new(), items: Vec::new() };
        indptr(&sorted, |value| arrays.indptr.push(value));
        tokens(&sorted, |value| arrays.tokens.push(value));
        item_indptr(&sorted, |value| arrays.item_indptr.push(value));
        arrays.items.extend(sorted.order.iter().map(|&item| item as i32));
        Ok(arrays)
    }
}

/// The arrays of [`TrieArrays`] by their names.
pub(super) fn named(sorted: &Sorted) -> [Array<'_>; 4] {
    let (nodes, items) = (sorted.count(0..sorted.width() + 1), sorted.order.len());
    [
        Array::i32("indptr", [nodes + 1], |out| indptr(sorted, |value| out.push(value))),
        Array::i32("tokens", [nodes - 1], |out| tokens(sorted, |value| out.push(value))),
        Array::i32("item_indptr", [nodes + 1], |out| item_indptr(sorted, |value| out.push(value))),
        Array::i32("items", [items], |out| sorted.order.iter().for_each(|&item| out.push(item as i32))),
    ]
}

fn indptr(sorted: &Sorted, mut each: impl FnMut(i32)) {
    let (width, mut edges) = (sorted.width(), 0);
    each(0);
    for length in 0..width {
        sorted.children(length, |end| each((edges + end) as i32));
        edges += sorted.count(length + 1..length + 2);
    }
    (0..sorted.count(width..width + 1)).for_each(|_| each(edges as i32));
}

fn tokens(sorted: &Sorted, mut each: impl FnMut(i32)) {
    for (length, column) in (1..).zip(&sorted.columns) {
        sorted.prefixes(length, |place| each(column.get(place) as i32));
    }
}

fn item_indptr(sorted: &Sorted, mut each: impl FnMut(i32)) {
    // No codeword ends before the last level, where the items of the one before end at the first of the next.
    (0..sorted.count(0..sorted.width())).for_each(|_| each(0));
    sorted.prefixes(sorted.width(), |place| each(place as i32));
    each(sorted.order.len() as i32);
}
