//! Which last codes are taken after which prefixes, to find where an item can still move.
//!
//! Codewords that differ in the two last codes only form a *subtree*. Its key is the codeword with both set to 0
//! (see [`PrefixGroups::prefix`](super::prefix_groups::PrefixGroups::prefix)).

use std::collections::HashMap;

/// Taken pairs of last codes in every subtree that has any.
pub struct TakenCodes {
    codes: usize,
    subtrees: HashMap<Vec<u32>, Subtree>,
}

/// Taken pairs of one subtree, by the pair's first code. Most subtrees have few entries, so they are a sorted list.
#[derive(Default)]
pub struct Subtree {
    rows: Vec<(u32, Taken)>,
    taken: usize,
}

/// Taken last codes after one code, a bit each.
struct Taken {
    bits: Box<[u64]>,
    count: usize,
}

impl TakenCodes {
    /// Nothing is taken yet; levels have `codes` codes.
    pub fn new(codes: usize) -> Self {
        Self { codes, subtrees: HashMap::new() }
    }

    /// The subtree of a key, unless all of it is free.
    pub fn subtree(&self, key: &[u32]) -> Option<&Subtree> {
        self.subtrees.get(key)
    }

    /// Whether no pair of a subtree is free.
    pub fn is_full(&self, key: &[u32]) -> bool {
        self.subtree(key).is_some_and(|subtree| subtree.taken == self.codes * self.codes)
    }

    /// Takes the pair (`code`, `last`) of a subtree.
    pub fn take(&mut self, key: Vec<u32>, code: u32, last: u32) {
        let subtree = self.subtrees.entry(key).or_default();
        let at = subtree.rows.binary_search_by_key(&code, |row| row.0).unwrap_or_else(|at| {
            subtree.rows.insert(at, (code, Taken { bits: vec![0; self.codes.div_ceil(64)].into(), count: 0 }));
            at
        });
        let taken = &mut subtree.rows[at].1;
        let (word, bit) = (last as usize / 64, 1 << (last % 64));
        let added = usize::from(taken.bits[word] & bit == 0);
        taken.bits[word] |= bit;
        taken.count += added;
        subtree.taken += added;
    }
}

impl Subtree {
    /// The last code that is free after `code` and has the least of `costs` (one a last code), with its cost.
    pub fn cheapest_free(&self, code: u32, costs: impl Iterator<Item = f32>) -> Option<(f32, u32)> {
        let taken = &self.rows[self.rows.binary_search_by_key(&code, |row| row.0).ok()?].1;
        let is_free = |last: u32| taken.bits[last as usize / 64] & (1 << (last % 64)) == 0;
        costs.zip(0..).filter(|&(_, last)| is_free(last)).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// How many last codes are taken after `code`.
    pub fn taken(&self, code: u32) -> usize {
        self.rows.binary_search_by_key(&code, |row| row.0).map_or(0, |at| self.rows[at].1.count)
    }
}
