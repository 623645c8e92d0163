//! Tokenized items together with the index that was made of them.

use super::InspectError;
use crate::engine::Tokenized;
use crate::tokens::{Codewords, Schema};

/// The codes of one item's own chain, under its expert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// None in a model without routed experts.
    pub expert: Option<u32>,
    /// One a level.
    pub codes: Vec<u32>,
}

/// What the engine said of items, and the codewords that stand in the index: the same codes, but for items that a
/// collision policy gave others.
#[derive(Debug, Clone)]
pub struct Indexed<'a> {
    /// The engine's results.
    pub batch: &'a Tokenized,
    /// What each position of a codeword holds.
    pub schema: &'a Schema,
    /// The index.
    pub codewords: &'a Codewords,
    /// Where the codes of an item's own chain stand, level by level.
    chain: Vec<usize>,
}

impl<'a> Indexed<'a> {
    /// Puts the two side by side.
    ///
    /// # Errors
    /// [`InspectError::Codewords`] where they are of different items.
    pub fn new(batch: &'a Tokenized, schema: &'a Schema, codewords: &'a Codewords) -> Result<Self, InspectError> {
        if batch.items != codewords.items() {
            return Err(InspectError::Codewords { items: batch.items, codewords: codewords.items() });
        }
        // Slot 0 is the top expert's, or the shared one's in a model without routed experts. Every layout shows it.
        Ok(Self { batch, schema, codewords, chain: schema.code_positions(0) })
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.batch.items
    }

    /// The expert that the router prefers for an item; none in a model without routed experts.
    pub fn expert(&self, item: usize) -> Option<u32> {
        self.batch.experts_of(item).first().copied()
    }

    /// Codes of an item's top expert as the index shows them: `[levels]`.
    pub fn codes(&self, item: usize) -> Vec<u32> {
        let row = self.codewords.row(item);
        self.chain.iter().map(|&position| self.schema.code(row[position])).collect()
    }

    /// Whether two items have the same expert and the same first `depth` tokens. Codes of two experts have nothing in
    /// common, whatever their numbers.
    pub fn begin_alike(&self, a: usize, b: usize, depth: usize) -> bool {
        let depth = depth.min(self.codewords.width());
        self.expert(a) == self.expert(b) && self.codewords.row(a)[..depth] == self.codewords.row(b)[..depth]
    }

    /// The codes of an item, under its expert.
    pub fn chain(&self, item: usize) -> Chain {
        Chain { expert: self.expert(item), codes: self.codes(item) }
    }

    /// Codes that an item has in common with a chain from the first level on, under the same expert.
    pub fn codes_in_common(&self, item: usize, chain: &Chain) -> usize {
        if self.expert(item) != chain.expert {
            return 0;
        }
        let row = self.codewords.row(item);
        let pairs = self.chain.iter().zip(&chain.codes);
        pairs.take_while(|&(&position, &code)| self.schema.code(row[position]) == code).count()
    }

    /// Refuses a catalogue of other items.
    pub(super) fn expect_items(&self, items: usize) -> Result<(), InspectError> {
        let codewords = self.items();
        if items == codewords { Ok(()) } else { Err(InspectError::Codewords { items, codewords }) }
    }
}
