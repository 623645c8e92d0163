//! Codewords that items had before and that nobody got since: an item may always go back to its own.

use std::collections::HashMap;

use crate::tokens::lock::{Retired, UNKNOWN};

/// Retired codewords by their items.
pub struct Own<'a> {
    retired: &'a [Retired],
    /// Numbers of the codewords of each item, the one that it left last last.
    of: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Own<'a> {
    /// Those of a lockfile.
    pub fn new(retired: &'a [Retired]) -> Self {
        let mut of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, codeword) in retired.iter().enumerate() {
            of.entry(&codeword.item).or_default().push(number);
        }
        Self { retired, of }
    }

    /// Numbers of all codewords that an item left.
    pub fn all(&self, id: &str) -> &[usize] {
        self.of.get(id).map_or(&[], Vec::as_slice)
    }

    /// Number of the codeword that an item left last.
    pub fn last(&self, id: &str) -> Option<usize> {
        self.all(id).last().copied()
    }

    /// Number of the last codeword of an item that was made from what has this fingerprint.
    pub fn made_from(&self, id: &str, fingerprint: u32) -> Option<usize> {
        let same = |&&number: &&usize| self.retired[number].fingerprint == fingerprint;
        self.all(id).iter().rev().filter(|_| fingerprint != UNKNOWN).find(same).copied()
    }
}
