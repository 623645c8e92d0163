//! The set of codewords as a trie, for constrained decoding.

use super::Index;

/// A trie over token numbers in flat arrays. Nodes are numbered breadth first, so that the
/// children of a node, and the tokens that lead to them, lie side by side in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trie {
    /// `[nodes]` token on the edge into each node; unused for the root, node 0.
    tokens: Vec<u32>,
    /// `[nodes + 1]` first child of each node.
    children: Vec<u32>,
    /// `[nodes]` where the items that end at each node begin in `items`.
    ends: Vec<(u32, u32)>,
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
        let mut items: Vec<u32> = (0..rows.len() as u32).collect();
        items.sort_by_key(|&item| rows[item as usize]);
        let mut trie = Self { tokens: vec![0], children: vec![1], ends: Vec::new(), items };
        // Range of `items` below each node of the present depth.
        let mut level = vec![(0, trie.items.len())];
        let mut depth = 0;
        while !level.is_empty() {
            let mut below = Vec::new();
            for (start, end) in level {
                trie.grow(&rows, depth, start..end, &mut below);
            }
            level = below;
            depth += 1;
        }
        trie
    }

    /// Closes the node over `range` of the sorted items and opens its children.
    fn grow(&mut self, rows: &[&[u32]], depth: usize, range: std::ops::Range<usize>, below: &mut Vec<(usize, usize)>) {
        let here = &self.items[range.clone()];
        // Sorting put the items that end here before those that go on.
        let ended = here.partition_point(|&item| rows[item as usize].len() == depth);
        let mut start = range.start + ended;
        self.ends.push((range.start as u32, start as u32));
        for child in here[ended..].chunk_by(|&a, &b| rows[a as usize][depth] == rows[b as usize][depth]) {
            self.tokens.push(rows[child[0] as usize][depth]);
            below.push((start, start + child.len()));
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

    /// Tokens that may follow `prefix`, ascending; none where the prefix ends codewords only, or
    /// begins none.
    pub fn allowed(&self, prefix: &[u32]) -> &[u32] {
        self.find(prefix).map_or(&[], |node| self.next(node))
    }

    /// Tokens that may follow a node, ascending.
    pub fn next(&self, node: u32) -> &[u32] {
        &self.tokens[self.child_range(node)]
    }

    /// The node that `token` leads to.
    pub fn step(&self, node: u32, token: u32) -> Option<u32> {
        let place = self.next(node).binary_search(&token).ok()?;
        Some((self.child_range(node).start + place) as u32)
    }

    /// The node of a prefix.
    pub fn find(&self, prefix: &[u32]) -> Option<u32> {
        prefix.iter().try_fold(0, |node, &token| self.step(node, token))
    }

    /// Items whose codeword ends at a node, in their own order.
    pub fn items(&self, node: u32) -> &[u32] {
        let (start, end) = self.ends[node as usize];
        &self.items[start as usize..end as usize]
    }

    /// Whether `codeword` is some item's, whole.
    pub fn contains(&self, codeword: &[u32]) -> bool {
        self.find(codeword).is_some_and(|node| !self.items(node).is_empty())
    }

    fn child_range(&self, node: u32) -> std::ops::Range<usize> {
        self.children[node as usize] as usize..self.children[node as usize + 1] as usize
    }
}
