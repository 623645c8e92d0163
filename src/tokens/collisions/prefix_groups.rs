//! Groups of items whose codewords differ in the top expert's last code only.

use std::collections::HashSet;

use super::taken_codes::TakenCodes;
use super::top_codes::TopCodes;
use crate::tokens::layout::{Codewords, Position, Schema};

/// Items grouped by *prefix*: the codeword without the top expert's last code.
pub struct PrefixGroups {
    /// Codewords of all items with 0 in place of the last code.
    prefixes: Codewords,
    /// Items ordered by prefix.
    order: Vec<u32>,
    /// `[levels]` positions of the top expert's codes in a codeword.
    positions: Vec<usize>,
}

/// A group whose items want the same places.
pub struct Contended<'a> {
    /// Its items.
    pub items: &'a [u32],
    /// Last codes that they may have, ascending.
    pub free: Vec<u32>,
}

impl PrefixGroups {
    pub fn new(top_codes: &TopCodes<'_>, schema: &Schema) -> Self {
        let mut prefixes = schema.codewords(top_codes.batch);
        let position = |level| schema.positions.iter().position(|p| *p == Position::Code { slot: 0, level });
        let positions: Vec<usize> = (0..top_codes.levels()).filter_map(position).collect();
        // Codes without the offset that a vocabulary for each expert adds: the expert is in the codeword anyway.
        for item in 0..prefixes.items() {
            let start = item * prefixes.width();
            let mut codes = top_codes.codes(item).to_vec();
            *codes.last_mut().expect("a model has at least one level") = 0;
            positions.iter().zip(codes).for_each(|(&position, code)| prefixes.values[start + position] = code);
        }
        let order = prefixes.sorted();
        Self { prefixes, order, positions }
    }

    /// All groups.
    pub fn all(&self) -> impl Iterator<Item = &[u32]> {
        self.prefixes.buckets(&self.order)
    }

    /// Groups in which two items have the same last code, or one has a place of `taken`; each with the last codes that are free
    /// for it.
    pub fn with_collision(&self, top_codes: &TopCodes<'_>, taken: &TakenCodes) -> Vec<Contended<'_>> {
        let mut seen = HashSet::new();
        let mut free_if_contended = |items: &[u32]| {
            if items.len() == 1 && taken.is_empty() {
                return None;
            }
            seen.clear();
            let place = |item: u32| top_codes.last_code(item as usize);
            let distinct = items.iter().all(|&item| seen.insert(place(item)));
            if distinct && taken.is_empty() {
                return None;
            }
            let (key, code) = self.present_subtree(top_codes, items[0] as usize);
            let is_free = |&item: &u32| taken.is_free(&key, code, place(item));
            (!distinct || !items.iter().all(is_free)).then(|| taken.free(&key, code))
        };
        self.all().filter_map(|items| Some(Contended { items, free: free_if_contended(items)? })).collect()
    }

    /// The subtree that an item is in, and its last code but one; 0 in a model of one level.
    pub fn present_subtree(&self, top_codes: &TopCodes<'_>, item: usize) -> (Vec<u32>, u32) {
        let codes = top_codes.codes(item);
        let first = codes.len().saturating_sub(2);
        let code = if codes.len() > 1 { codes[first] } else { 0 };
        (self.prefix(item, &[&codes[..first], &[0]].concat()), code)
    }

    /// The prefix that an item would have if its first codes were `codes`.
    pub fn prefix(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        let mut prefix = self.prefixes.row(item).to_vec();
        self.positions.iter().zip(codes).for_each(|(&position, &code)| prefix[position] = code);
        prefix
    }
}
