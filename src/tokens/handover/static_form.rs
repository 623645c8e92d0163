//! The trie as STATIC reads it (Sparse Transition-Accelerated Trie Index): dense tables for the first tokens, and a transition
//! matrix in compressed sparse rows for the rest. Written after reading its source.
//!
//! A state is a prefix: `1 + t` after the first token `t`, and after more tokens a number from `1 + vocabulary` on, in the
//! sorted order of prefixes, shorter ones first. A whole codeword is state 0.

use std::ops::Range;

use super::error::HandoverError;
use super::npz::{Array, Values};
use super::trie_arrays::TrieArrays;

/// Vocabulary size up to which the table of the first two tokens is dense: 16 million pairs.
const DENSE_PAIRS: usize = 4096;

/// The arguments of STATIC's decoders, by their names.
pub(super) struct StaticForm {
    /// `[transitions + vocabulary][2]` token and next state.
    packed_csr: Vec<i32>,
    /// `[states + 2]` first transition of each state; the last row is padding.
    indptr: Vec<i32>,
    /// `[width]` largest number of tokens that may follow at each position.
    layer_max_branches: Vec<i32>,
    /// `[vocabulary]` whether a codeword may begin so.
    start_mask: Vec<bool>,
    /// `[vocabulary]` or `[vocabulary][vocabulary]` whether a codeword may begin so.
    dense_mask: Vec<bool>,
    /// As `dense_mask`: the state after it.
    dense_states: Vec<i32>,
    dense_shape: Vec<usize>,
}

impl StaticForm {
    /// From a trie over `vocabulary` tokens, whose codewords have `width` of them, at least two.
    pub(super) fn new(trie: &TrieArrays, vocabulary: usize, width: usize) -> Result<Self, HandoverError> {
        if width < 2 {
            return Err(HandoverError::Short);
        }
        let levels = levels(trie, width);
        let state = |node: usize| match levels.iter().position(|level| level.contains(&node)).unwrap_or(0) {
            1 if width > 1 => trie.tokens[node - 1] + 1,
            level if level < width => (1 + vocabulary + node - levels[2].start) as i32,
            _ => 0,
        };
        let mut form = Self {
            packed_csr: Vec::new(),
            indptr: vec![0; 2],
            layer_max_branches: Vec::new(),
            start_mask: vec![false; vocabulary],
            dense_mask: Vec::new(),
            dense_states: Vec::new(),
            dense_shape: vec![vocabulary; if width > 2 && vocabulary <= DENSE_PAIRS { 2 } else { 1 }],
        };
        form.layer_max_branches = levels[..width].iter().map(|level| most_edges(trie, level.clone())).collect();
        form.add_transitions(trie, &levels, vocabulary, &state);
        form.add_dense(trie, vocabulary, &state);
        Ok(form)
    }

    fn add_transitions(&mut self, trie: &TrieArrays, levels: &[Range<usize>], vocabulary: usize, state: &dyn Fn(usize) -> i32) {
        let mut first = levels[1].clone().peekable();
        for token in 0..vocabulary {
            // States of first tokens that no codeword has are rows without transitions.
            if let Some(node) = first.next_if(|&node| trie.tokens[node - 1] as usize == token) {
                self.add_row(trie, node, state);
            }
            self.end_row();
        }
        for node in levels[2..levels.len() - 1].iter().cloned().flatten() {
            self.add_row(trie, node, state);
            self.end_row();
        }
        self.packed_csr.extend((0..vocabulary).flat_map(|_| [vocabulary as i32, 0]));
        self.end_row();
    }

    fn add_row(&mut self, trie: &TrieArrays, node: usize, state: &dyn Fn(usize) -> i32) {
        self.packed_csr.extend(trie.edges(node).flat_map(|edge| [trie.tokens[edge], state(edge + 1)]));
    }

    fn end_row(&mut self) {
        self.indptr.push(self.packed_csr.len() as i32 / 2);
    }

    fn add_dense(&mut self, trie: &TrieArrays, vocabulary: usize, state: &dyn Fn(usize) -> i32) {
        let cells = self.dense_shape.iter().product();
        (self.dense_mask, self.dense_states) = (vec![false; cells], vec![0; cells]);
        for first in trie.edges(0) {
            let token = trie.tokens[first] as usize;
            self.start_mask[token] = true;
            let mut set = |cell: usize, node: usize| (self.dense_mask[cell], self.dense_states[cell]) = (true, state(node));
            if self.dense_shape.len() == 1 {
                set(token, first + 1);
            } else {
                let second = trie.edges(first + 1);
                second.for_each(|second| set(token * vocabulary + trie.tokens[second] as usize, second + 1));
            }
        }
    }

    /// The arrays by their names.
    pub(super) fn named(&self) -> [Array<'_>; 6] {
        let array = |name, shape: &[usize], values| Array { name, shape: shape.to_vec(), values };
        [
            array("packed_csr", &[self.packed_csr.len() / 2, 2], Values::I32(&self.packed_csr)),
            array("indptr", &[self.indptr.len()], Values::I32(&self.indptr)),
            array("layer_max_branches", &[self.layer_max_branches.len()], Values::I32(&self.layer_max_branches)),
            array("start_mask", &[self.start_mask.len()], Values::Bool(&self.start_mask)),
            array("dense_mask", &self.dense_shape, Values::Bool(&self.dense_mask)),
            array("dense_states", &self.dense_shape, Values::I32(&self.dense_states)),
        ]
    }
}

/// Nodes of each depth, from the root to whole codewords.
fn levels(trie: &TrieArrays, width: usize) -> Vec<Range<usize>> {
    let mut levels = Vec::with_capacity(width + 1);
    levels.push(0..1);
    for _ in 0..width {
        let last = levels[levels.len() - 1].clone();
        levels.push(trie.edges(last.start).start + 1..trie.edges(last.end - 1).end + 1);
    }
    levels
}

/// The largest number of edges of a node.
fn most_edges(trie: &TrieArrays, nodes: Range<usize>) -> i32 {
    nodes.map(|node| trie.edges(node).len() as i32).max().unwrap_or(0)
}
