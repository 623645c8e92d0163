//! Which last codes are taken after which prefixes, to find where an item can still move.
//!
//! Codewords that differ in the two last codes only form a *subtree*. Its key is the codeword with both set to 0
//! (see [`PrefixGroups::prefix`](super::prefix_groups::PrefixGroups::prefix)).

use std::collections::HashMap;

use super::crowding::published_items;
use crate::tokens::layout::{Codewords, Schema};

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

    /// The places of items that have codewords already, in the subtrees that `wanted` says. A codeword may have a suffix, which is
    /// not looked at.
    pub fn of(published: &Codewords, schema: &Schema, codes: usize, wanted: impl Fn(&[u32]) -> bool) -> Self {
        let mut taken = Self::new(codes);
        let positions = schema.code_positions(0);
        let (&last, others) = positions.split_last().expect("a model has at least one level");
        let mut key = Vec::new();
        for item in 0..published_items(published) {
            key.clear();
            key.extend_from_slice(&published.row(item)[..schema.width()]);
            let last_code = schema.code(std::mem::take(&mut key[last]));
            others.iter().for_each(|&position| key[position] = schema.code(key[position]));
            let code = others.last().map_or(0, |&position| std::mem::take(&mut key[position]));
            if wanted(&key) {
                taken.take(&key, code, last_code);
            }
        }
        taken
    }

    /// Whether nothing is taken.
    pub fn is_empty(&self) -> bool {
        self.subtrees.is_empty()
    }

    /// Whether the pair (`code`, `last`) of a subtree is free.
    pub fn is_free(&self, key: &[u32], code: u32, last: u32) -> bool {
        self.subtree(key).is_none_or(|subtree| subtree.is_free(code, last))
    }

    /// Last codes that are free after `code` in a subtree, ascending.
    pub fn free(&self, key: &[u32], code: u32) -> Vec<u32> {
        let row = self.subtree(key).and_then(|subtree| subtree.row(code));
        (0..self.codes as u32).filter(|&last| row.is_none_or(|row| row.is_free(last))).collect()
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
    pub fn take(&mut self, key: &[u32], code: u32, last: u32) {
        if !self.subtrees.contains_key(key) {
            self.subtrees.insert(key.to_vec(), Subtree::default());
        }
        let subtree = self.subtrees.get_mut(key).expect("it was put there if it was missing");
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
        let row = self.row(code)?;
        costs.zip(0..).filter(|&(_, last)| row.is_free(last)).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// How many last codes are taken after `code`.
    pub fn taken(&self, code: u32) -> usize {
        self.row(code).map_or(0, |row| row.count)
    }

    /// Whether the pair (`code`, `last`) is free.
    pub fn is_free(&self, code: u32, last: u32) -> bool {
        self.row(code).is_none_or(|row| row.is_free(last))
    }

    fn row(&self, code: u32) -> Option<&Taken> {
        self.rows.binary_search_by_key(&code, |row| row.0).ok().map(|at| &self.rows[at].1)
    }
}

impl Taken {
    fn is_free(&self, last: u32) -> bool {
        self.bits[last as usize / 64] & (1 << (last % 64)) == 0
    }
}
