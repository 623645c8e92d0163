//! Codewords in sorted order. All that the arrays of a trie hold follows from it by passes from front to back, so that a trie of
//! many items is written without being built.

use super::error::HandoverError;
use crate::base::parallel::{map_items, sort_words};
use crate::tokens::{Column, Columns};

/// Codewords in sorted order.
pub(super) struct Sorted {
    /// `[items]` items by codeword; those of one codeword keep the order of the index.
    pub(super) order: Vec<u32>,
    /// `[width]` numbers of the tokens, in this order.
    pub(super) columns: Vec<Column>,
    /// `[items]` the first position at which a codeword differs from the one before it; the width where it is the same.
    fresh: Vec<u16>,
    /// `[width + 1]` different prefixes of each length.
    prefixes: Vec<usize>,
}

impl Sorted {
    /// Sorts the codewords of an index by `numbers`, of which each token of the vocabulary has one below `count`.
    ///
    /// # Errors
    /// More items or prefixes than 31 bits hold.
    pub(super) fn new(index: Columns, numbers: &[u32], count: usize) -> Result<Self, HandoverError> {
        let (items, width) = (index.items(), index.width());
        let columns = index.columns;
        // Of many items, ids and sorting need the memory in turn.
        drop(index.ids);
        if items >= i32::MAX as usize || width >= usize::from(u16::MAX) {
            return Err(HandoverError::TooLarge { what: format!("{items} items of {width} tokens, more than 31 bits hold") });
        }
        let packed = Packed::of(numbers, count);
        let mut order: Vec<u32> = (0..items as u32).collect();
        let mut keys = Vec::new();
        for columns in columns.chunks(packed.tokens()).rev() {
            keys = packed.sorted(columns, &order);
            order = keys.iter().map(|&key| order[Packed::place(key)]).collect();
        }
        let columns = (0..).zip(columns).collect();
        let columns: Vec<Column> = map_items(columns, |(position, column): (usize, Column)| match packed.tokens() > position {
            true => keys.iter().map(|&key| packed.token(key, position, width)).collect(),
            false => order.iter().map(|&item| numbers[column.get(item as usize) as usize]).collect(),
        });
        drop(keys);
        let fresh = fresh(&columns, items);
        let mut prefixes = vec![0; width + 1];
        fresh.iter().filter(|&&at| usize::from(at) < width).for_each(|&at| prefixes[usize::from(at) + 1] += 1);
        (0..width).for_each(|length| prefixes[length + 1] += prefixes[length]);
        prefixes[0] = 1;
        let nodes: usize = prefixes.iter().sum();
        if nodes >= i32::MAX as usize {
            return Err(HandoverError::TooLarge { what: format!("the trie has {nodes} nodes, more than 2³¹ − 1") });
        }
        Ok(Self { order, columns, fresh, prefixes })
    }

    /// Tokens in a codeword.
    pub(super) fn width(&self) -> usize {
        self.columns.len()
    }

    /// Number of different prefixes of these lengths.
    pub(super) fn count(&self, lengths: std::ops::Range<usize>) -> usize {
        self.prefixes[lengths].iter().sum()
    }

    /// Calls `each` with the place of the first item of every prefix of `length` tokens, in order.
    pub(super) fn prefixes(&self, length: usize, mut each: impl FnMut(usize)) {
        (0..).zip(&self.fresh).filter(|(_, at)| usize::from(**at) < length).for_each(|(place, _)| each(place));
    }

    /// Calls `each` for every prefix of `length` tokens, in order, with how many prefixes of one token more there are up to its
    /// own last.
    pub(super) fn children(&self, length: usize, mut each: impl FnMut(usize)) {
        let mut longer = 0;
        for (place, at) in self.fresh.iter().map(|&at| usize::from(at)).enumerate() {
            if at < length && place > 0 {
                each(longer);
            }
            longer += usize::from(at <= length);
        }
        each(longer);
    }
}

/// Several tokens of a codeword in one key, the first in the highest bits, and below them its place: one sort of whole numbers is
/// faster than a pass for each token, each of which reads its column in another order.
struct Packed<'n> {
    numbers: &'n [u32],
    /// Bits of a token.
    bits: u32,
}

impl<'n> Packed<'n> {
    fn of(numbers: &'n [u32], count: usize) -> Self {
        Self { numbers, bits: (usize::BITS - count.leading_zeros()).max(1) }
    }

    /// Tokens that a key holds.
    fn tokens(&self) -> usize {
        ((u128::BITS - u32::BITS) / self.bits) as usize
    }

    /// The keys of the items in this order, sorted. Those of equal tokens keep the order.
    fn sorted(&self, columns: &[Column], order: &[u32]) -> Vec<u128> {
        let number = |column: &Column, item: u32| u128::from(self.numbers[column.get(item as usize) as usize]);
        let key = |item| columns.iter().fold(0, |key, column| (key << self.bits) | number(column, item));
        let places = order.iter().zip(0u128..);
        let mut keys: Vec<u128> = places.map(|(&item, place)| (key(item) << u32::BITS) | place).collect();
        sort_words(&mut keys);
        keys
    }

    fn place(key: u128) -> usize {
        key as u32 as usize
    }

    /// The token at a position of the first key of a codeword, which has `width` tokens.
    fn token(&self, key: u128, position: usize, width: usize) -> u32 {
        let below = (self.tokens().min(width) - 1 - position) as u32;
        (key >> (u32::BITS + below * self.bits)) as u32 & (u32::MAX >> (u32::BITS - self.bits))
    }
}

/// `[items]` first position at which each codeword differs from the one before it; 0 for the first.
fn fresh(columns: &[Column], items: usize) -> Vec<u16> {
    let mut fresh = vec![columns.len() as u16; items];
    for (position, column) in columns.iter().enumerate().rev() {
        match column {
            Column::Narrow(tokens) => mark(tokens, position as u16, &mut fresh),
            Column::Wide(tokens) => mark(tokens, position as u16, &mut fresh),
        }
    }
    fresh.iter_mut().take(1).for_each(|first| *first = 0);
    fresh
}

fn mark<T: PartialEq>(tokens: &[T], position: u16, fresh: &mut [u16]) {
    for (pair, fresh) in tokens.windows(2).zip(&mut fresh[1..]) {
        *fresh = if pair[0] == pair[1] { *fresh } else { position };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Random;

    #[test]
    fn codewords_of_any_length_and_vocabulary_are_sorted_as_lists_of_numbers() {
        // From one key of all tokens to several keys of three.
        for (count, width) in [(2, 1), (9, 6), (1 << 11, 9), (70_000, 8)] {
            let mut random = Random::new(7);
            let numbers: Vec<u32> = (0..count as u32).rev().collect();
            // Few different tokens, so that many codewords begin alike or are the same.
            let mut token = || (random.bits() as usize % 3 * (count - 1) / 2) as u32;
            let rows: Vec<Vec<u32>> = (0..500).map(|_| (0..width).map(|_| token()).collect()).collect();
            let columns = (0..width).map(|position| rows.iter().map(|row| row[position]).collect()).collect();
            let ids = (0..rows.len()).map(|item| item.to_string()).collect();
            let sorted = Sorted::new(Columns { ids, columns, vocabulary: Vec::new() }, &numbers, count).unwrap();
            let numbered = |item: u32| rows[item as usize].iter().map(|&token| numbers[token as usize]).collect::<Vec<_>>();
            let mut expected: Vec<u32> = (0..500).collect();
            expected.sort_by_key(|&item| numbered(item));
            assert_eq!(sorted.order, expected, "{count} tokens, {width} in a codeword");
            for (position, column) in sorted.columns.iter().enumerate() {
                assert!(column.iter().zip(&expected).all(|(token, &item)| token == numbered(item)[position]));
            }
        }
    }
}
