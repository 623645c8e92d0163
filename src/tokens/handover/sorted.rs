//! Codewords in sorted order. All that the arrays of a trie hold follows from it by passes from front to back, so that a trie of
//! many items is written without being built.

use super::error::HandoverError;
use crate::base::parallel::map_items;
use crate::base::sort::counting_sort;
use crate::tokens::Column;

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
    /// Sorts codewords by `numbers`, of which each token of the vocabulary has one below `count`.
    ///
    /// # Errors
    /// More items or prefixes than 31 bits hold.
    pub(super) fn new(columns: Vec<Column>, items: usize, numbers: &[u32], count: usize) -> Result<Self, HandoverError> {
        let width = columns.len();
        if items >= i32::MAX as usize || width >= usize::from(u16::MAX) {
            return Err(HandoverError::TooLarge { what: format!("{items} items of {width} tokens, more than 31 bits hold") });
        }
        let (mut order, mut spare) = ((0..items as u32).collect(), vec![0; items]);
        for column in columns.iter().rev() {
            counting_sort(&mut order, &mut spare, count, |item| numbers[column.get(item as usize) as usize] as usize);
        }
        drop(spare);
        let columns: Vec<Column> = map_items(columns, |column| column.arranged(&order, numbers, count));
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
