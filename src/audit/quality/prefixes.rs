//! Items by the first tokens of their codewords.

use std::ops::Range;

use crate::tokens::Index;

/// The trie of an index as ranges: in the order of codewords, items with a prefix in common are side by side.
#[derive(Debug, Clone)]
pub struct Prefixes {
    /// `[items]` place of each item in the order of codewords.
    places: Vec<u32>,
    /// One for each length, from no token to whole codewords.
    lengths: Vec<Groups>,
}

/// Prefixes of one length.
#[derive(Debug, Clone)]
struct Groups {
    /// `[places]` prefix at each place.
    at: Vec<u32>,
    /// `[prefixes + 1]` first place of each, and the end of the last.
    starts: Vec<u32>,
}

impl Prefixes {
    /// The prefixes of an index.
    pub fn new(index: &Index) -> Self {
        let order = index.sorted();
        let mut places = vec![0; order.len()];
        order.iter().enumerate().for_each(|(place, &item)| places[item as usize] = place as u32);
        let row = |place: usize, length: usize| &index.row(order[place] as usize)[..length];
        let groups = |length: usize| {
            let mut groups = Groups { at: Vec::with_capacity(order.len()), starts: Vec::new() };
            for place in 0..order.len() {
                if place == 0 || row(place - 1, length) != row(place, length) {
                    groups.starts.push(place as u32);
                }
                groups.at.push(groups.starts.len() as u32 - 1);
            }
            groups.starts.push(order.len() as u32);
            groups
        };
        Self { places, lengths: (0..=index.width).map(groups).collect() }
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.places.len()
    }

    /// Tokens in a codeword.
    pub fn width(&self) -> usize {
        self.lengths.len() - 1
    }

    /// Place of an item in the order of codewords.
    pub fn place(&self, item: u32) -> u32 {
        self.places[item as usize]
    }

    /// Number of the prefix of this length of the item at a place; numbers follow the order.
    pub fn at(&self, length: usize, place: u32) -> u32 {
        self.lengths[length].at[place as usize]
    }

    /// Number of the prefix of this length of an item.
    pub fn of(&self, length: usize, item: u32) -> u32 {
        self.at(length, self.place(item))
    }

    /// Number of different prefixes of this length.
    pub fn count(&self, length: usize) -> usize {
        self.lengths[length].starts.len() - 1
    }

    /// Places of the items with a prefix.
    pub fn range(&self, length: usize, prefix: u32) -> Range<u32> {
        let starts = &self.lengths[length].starts;
        starts[prefix as usize]..starts[prefix as usize + 1]
    }

    /// In how many different ways a prefix goes on by one token.
    pub fn continuations(&self, length: usize, prefix: u32) -> u32 {
        let range = self.range(length, prefix);
        self.at(length + 1, range.end - 1) - self.at(length + 1, range.start) + 1
    }

    /// `[prefixes]` sum of `weights [items]` over the items of each prefix.
    pub(super) fn sums(&self, length: usize, weights: &[usize]) -> Vec<usize> {
        let mut sums = vec![0; self.count(length)];
        weights.iter().enumerate().for_each(|(item, weight)| sums[self.of(length, item as u32) as usize] += weight);
        sums
    }
}
