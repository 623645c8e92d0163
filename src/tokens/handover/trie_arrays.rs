//! The trie of an index as flat arrays, in compressed sparse rows.

use super::error::HandoverError;
use super::npz::{Array, Values};
use super::vocabulary::Vocabulary;
use crate::tokens::{Index, Trie};

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
    pub fn new(index: &Index, vocabulary: &Vocabulary) -> Result<Self, HandoverError> {
        let numbers = vocabulary.numbers(index);
        let trie = Trie::new(numbers.chunks_exact(index.width.max(1)));
        let nodes = trie.nodes();
        if nodes.max(index.items()) >= i32::MAX as usize {
            return Err(HandoverError::TooLarge { what: format!("the trie has {nodes} nodes, more than 2³¹ − 1") });
        }
        let mut arrays = Self {
            indptr: vec![0],
            tokens: (1..nodes as u32).map(|node| trie.token(node) as i32).collect(),
            item_indptr: vec![0],
            items: Vec::with_capacity(index.items()),
        };
        for node in 0..nodes as u32 {
            arrays.indptr.push(trie.children(node).end as i32 - 1);
            arrays.items.extend(trie.items(node).iter().map(|&item| item as i32));
            arrays.item_indptr.push(arrays.items.len() as i32);
        }
        Ok(arrays)
    }

    /// The edges of a node.
    pub(super) fn edges(&self, node: usize) -> std::ops::Range<usize> {
        self.indptr[node] as usize..self.indptr[node + 1] as usize
    }

    /// The arrays by their names.
    pub(super) fn named(&self) -> [Array<'_>; 4] {
        [("indptr", &self.indptr), ("tokens", &self.tokens), ("item_indptr", &self.item_indptr), ("items", &self.items)]
            .map(|(name, values)| Array { name, shape: vec![values.len()], values: Values::I32(values) })
    }
}
