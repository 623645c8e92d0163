//! Groups of items whose codewords differ in the top expert's last code only.

use std::collections::HashSet;

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

    /// Groups in which two items have the same last code.
    pub fn with_collision(&self, top_codes: &TopCodes<'_>) -> Vec<&[u32]> {
        let mut seen = HashSet::new();
        let collides = |group: &&[u32]| {
            seen.clear();
            group.len() > 1 && !group.iter().all(|&item| seen.insert(top_codes.last_code(item as usize)))
        };
        self.all().filter(collides).collect()
    }

    /// The prefix that an item would have if its first codes were `codes`.
    pub fn prefix(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        let mut prefix = self.prefixes.row(item).to_vec();
        self.positions.iter().zip(codes).for_each(|(&position, &code)| prefix[position] = code);
        prefix
    }
}
