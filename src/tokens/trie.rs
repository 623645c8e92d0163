//! Codewords as a trie, for constrained decoding.

use super::Index;
use crate::base::sort::ordered;

/// A trie over token numbers in flat arrays. Nodes are numbered breadth first, so the children of a node, and the tokens that
/// lead to them, are contiguous and ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trie {
    /// `[nodes]` token that leads to each node; unused for the root, which is node 0.
    tokens: Vec<u32>,
    /// `[nodes + 1]` first child of each node; the next entry ends its children.
    children: Vec<u32>,
    /// `[nodes]` range in `items` of the items whose codeword ends at each node.
    ended: Vec<(u32, u32)>,
    /// Items ordered by codeword.
    items: Vec<u32>,
}

impl Trie {
    /// The trie of an index, over its token numbers.
    pub fn from_index(index: &Index) -> Self {
        Self::new((0..index.items()).map(|item| index.row(item)))
    }

    /// The trie of any codewords, of any lengths.
    pub fn new<'a>(codewords: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let rows: Vec<&[u32]> = codewords.into_iter().collect();
        let items = ordered(rows.len(), &|a, b| rows[a].cmp(rows[b]));
        let mut trie = Self { tokens: vec![0], children: vec![1], ended: Vec::new(), items };
        // Ranges of `items` with the prefix of each node at the present depth.
        let mut level = vec![(0, trie.items.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut next_level = Vec::new();
            for (start, end) in level {
                trie.add_node(&rows, depth, start..end, &mut next_level);
            }
            level = next_level;
            depth += 1;
        }
        trie
    }

    /// Completes the node over `range` of the sorted items, and appends the ranges of its children to `next_level`.
    fn add_node(&mut self, rows: &[&[u32]], depth: usize, range: std::ops::Range<usize>, next_level: &mut Vec<(usize, usize)>) {
        let here = &self.items[range.clone()];
        // In sorted order, codewords that end here come before the longer ones.
        let ended = here.partition_point(|&item| rows[item as usize].len() == depth);
        let mut start = range.start + ended;
        self.ended.push((range.start as u32, start as u32));
        for child in here[ended..].chunk_by(|&a, &b| rows[a as usize][depth] == rows[b as usize][depth]) {
            self.tokens.push(rows[child[0] as usize][depth]);
            next_level.push((start, start + child.len()));
            start += child.len();
        }
        self.children.push(self.tokens.len() as u32);
    }

    /// Number of nodes, the root included.
    pub fn nodes(&self) -> usize {
        self.tokens.len()
    }

    /// The root node: the empty prefix.
    pub fn root(&self) -> u32 {
        0
    }

    /// Tokens that may follow `prefix`, ascending; empty where no codeword is longer, or none begins with it.
    pub fn allowed(&self, prefix: &[u32]) -> &[u32] {
        self.find(prefix).map_or(&[], |node| self.next(node))
    }

    /// Tokens that may follow a node, ascending.
    pub fn next(&self, node: u32) -> &[u32] {
        &self.tokens[self.child_range(node)]
    }

    /// The token that leads to a node; unused for the root.
    pub fn token(&self, node: u32) -> u32 {
        self.tokens[node as usize]
    }

    /// The children of a node, in the order of [`Trie::next`].
    pub fn children(&self, node: u32) -> std::ops::Range<u32> {
        self.children[node as usize]..self.children[node as usize + 1]
    }

    /// The child of a node that `token` leads to.
    pub fn step(&self, node: u32, token: u32) -> Option<u32> {
        let child = self.next(node).binary_search(&token).ok()?;
        Some((self.child_range(node).start + child) as u32)
    }

    /// The node of a prefix.
    pub fn find(&self, prefix: &[u32]) -> Option<u32> {
        prefix.iter().try_fold(0, |node, &token| self.step(node, token))
    }

    /// Items whose codeword ends at a node, ascending.
    pub fn items(&self, node: u32) -> &[u32] {
        let (start, end) = self.ended[node as usize];
        &self.items[start as usize..end as usize]
    }

    /// Whether some item has exactly this codeword.
    pub fn contains(&self, codeword: &[u32]) -> bool {
        self.find(codeword).is_some_and(|node| !self.items(node).is_empty())
    }

    fn child_range(&self, node: u32) -> std::ops::Range<usize> {
        self.children[node as usize] as usize..self.children[node as usize + 1] as usize
    }
}
