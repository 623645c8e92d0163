//! Groups: items whose codewords differ in the last code of the top expert only.

use std::collections::HashSet;

use super::top_codes::Chains;
use crate::tokens::layout::{Codewords, Position, Schema};

/// Items by prefix: the codeword without the top expert's last code.
pub struct Groups {
    prefixes: Codewords,
    order: Vec<u32>,
    /// Position of each of the top expert's codes in a codeword.
    columns: Vec<usize>,
}

impl Groups {
    pub fn new(chains: &Chains<'_>, schema: &Schema) -> Self {
        let mut prefixes = schema.codewords(chains.batch);
        let column = |level| schema.positions.iter().position(|p| *p == Position::Code { slot: 0, level });
        let columns: Vec<usize> = (0..chains.levels()).filter_map(column).collect();
        // Plain codes, whatever the vocabulary: an expert's offset would only be in the way.
        for item in 0..prefixes.items() {
            let row = item * prefixes.width();
            let mut codes = chains.chain(item).to_vec();
            *codes.last_mut().expect("a model has at least one level") = 0;
            columns.iter().zip(codes).for_each(|(&column, code)| prefixes.values[row + column] = code);
        }
        let order = prefixes.sorted();
        Self { prefixes, order, columns }
    }

    /// All groups.
    pub fn all(&self) -> impl Iterator<Item = &[u32]> {
        self.order.chunk_by(|&a, &b| self.prefixes.row(a as usize) == self.prefixes.row(b as usize))
    }

    /// Groups in which two items have the same last code.
    pub fn with_collision(&self, chains: &Chains<'_>) -> Vec<&[u32]> {
        let last = chains.levels() - 1;
        let mut seen = HashSet::new();
        let collides = |group: &&[u32]| {
            seen.clear();
            group.len() > 1 && !group.iter().all(|&item| seen.insert(chains.chain(item as usize)[last]))
        };
        self.all().filter(collides).collect()
    }

    /// The prefix of an item, with other codes before the last.
    pub fn prefix(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        let mut row = self.prefixes.row(item).to_vec();
        self.columns.iter().zip(codes).for_each(|(&column, &code)| row[column] = code);
        row
    }
}
