//! Codewords of all items as a generative recommender sees them: tokens numbered by position, and what may follow what.

use std::collections::BTreeSet;

use crate::tokens::{Index, Trie};

/// The codewords of an index.
#[derive(Debug, Clone)]
pub struct Codewords {
    /// Tokens of a codeword, up to the last that is needed to tell codewords apart.
    pub width: usize,
    /// Different tokens over all positions. Those of a position are numbered in a row: the same text at two positions is two
    /// tokens.
    pub vocabulary: usize,
    /// `[items][width]`.
    rows: Vec<u32>,
    /// `[items][width + 1]` the node of the trie before each token, and in the end the leaf.
    nodes: Vec<u32>,
    /// Which tokens may follow which.
    pub trie: Trie,
    /// `[nodes]` the leaf below each node where there is only one: from there on nothing is left to decide.
    only_leaf: Vec<Option<u32>>,
}

impl Codewords {
    /// Numbers the tokens of `index`.
    pub fn new(index: &Index) -> Self {
        let (width, items) = (telling_positions(index), index.items());
        let mut rows = vec![0; items * width];
        let mut vocabulary = 0;
        for position in 0..width {
            let column = || (0..items).map(|item| index.row(item)[position]);
            let used: Vec<u32> = column().collect::<BTreeSet<u32>>().into_iter().collect();
            for (item, token) in column().enumerate() {
                let rank = used.binary_search(&token).expect("it is used");
                rows[item * width + position] = (vocabulary + rank) as u32;
            }
            vocabulary += used.len();
        }
        let trie = Trie::new(rows.chunks_exact(width.max(1)));
        let mut nodes = Vec::with_capacity(items * (width + 1));
        for row in rows.chunks_exact(width.max(1)) {
            let mut node = trie.root();
            nodes.push(node);
            for &token in row {
                node = trie.step(node, token).expect("the trie was made of these rows");
                nodes.push(node);
            }
        }
        let only_leaf = only_leaves(&trie);
        Self { width, vocabulary, rows, nodes, trie, only_leaf }
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.rows.len() / self.width
    }

    /// The tokens of an item.
    pub fn tokens(&self, item: u32) -> &[u32] {
        &self.rows[item as usize * self.width..][..self.width]
    }

    /// The node before each token of an item, and its leaf.
    pub fn path(&self, item: u32) -> &[u32] {
        &self.nodes[item as usize * (self.width + 1)..][..self.width + 1]
    }

    /// The leaf of an item.
    pub fn leaf(&self, item: u32) -> u32 {
        self.path(item)[self.width]
    }

    /// The leaf below a node, where there is only one.
    pub fn only_leaf(&self, node: u32) -> Option<u32> {
        self.only_leaf[node as usize]
    }
}

/// Positions after which every codeword of `index` is told apart. What follows, as the expert's number does in most indexes of one
/// catalogue, would only make a history longer.
pub fn telling_positions(index: &Index) -> usize {
    let first_difference = |neighbours: &[u32]| {
        let (a, b) = (index.row(neighbours[0] as usize), index.row(neighbours[1] as usize));
        a.iter().zip(b).position(|(a, b)| a != b)
    };
    let last = index.sorted().windows(2).filter_map(first_difference).max();
    last.map_or(index.width.min(1), |last| last + 1)
}

/// Children have larger numbers than their parent, so that one pass from the end is enough.
fn only_leaves(trie: &Trie) -> Vec<Option<u32>> {
    let mut only = vec![None; trie.nodes()];
    for node in (0..trie.nodes() as u32).rev() {
        let children = trie.children(node);
        only[node as usize] = match children.len() {
            0 => Some(node),
            1 => only[children.start as usize],
            _ => None,
        };
    }
    only
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(rows: &[[u32; 4]]) -> Index {
        let vocabulary = (0..10).map(|token| token.to_string()).collect();
        let ids = (0..rows.len()).map(|item| item.to_string()).collect();
        Index { ids, width: 4, tokens: rows.concat(), vocabulary }
    }

    #[test]
    fn a_codeword_ends_where_every_one_is_told_apart() {
        let expert_last = index(&[[1, 2, 3, 9], [1, 2, 4, 9], [5, 2, 3, 9], [5, 2, 3, 9]]);
        let codewords = Codewords::new(&expert_last);
        assert_eq!((codewords.width, codewords.tokens(0).len(), codewords.vocabulary), (3, 3, 5));
        assert_eq!(codewords.leaf(2), codewords.leaf(3), "items of one codeword stay together");
        assert!(codewords.leaf(0) != codewords.leaf(1) && codewords.leaf(0) != codewords.leaf(2));
        assert_eq!(
            Codewords::new(&index(&[[1, 2, 3, 8], [1, 2, 3, 9], [5, 2, 3, 9]])).width,
            4,
            "another expert tells two apart"
        );
        assert_eq!(Codewords::new(&index(&[[1, 2, 3, 9], [1, 2, 3, 9]])).width, 1);
    }
}
