//! How many items collide when some are added to others.

use std::collections::HashMap;

use crate::base::sort::ordered;
use crate::tokens::Codewords;

/// Items that have codewords already, counted once, so that those which come beside them cost little.
pub struct Crowding<'a> {
    published: &'a Codewords,
    /// Tokens of a codeword that count.
    width: usize,
    collisions: usize,
    largest: usize,
}

impl<'a> Crowding<'a> {
    /// Counts the collisions of `published`, by the first `width` tokens.
    pub fn new(published: &'a Codewords, width: usize) -> Self {
        let row = |item: usize| &published.row(item)[..width];
        let order = ordered(published.items(), &|a, b| row(a).cmp(row(b)));
        let (count, largest) = buckets(&order, &|a, b| row(a) == row(b));
        Self { published, width, collisions: published.items() - count, largest }
    }

    /// Items that are there.
    pub fn items(&self) -> usize {
        published_items(self.published)
    }

    /// Items minus different codewords, and the largest bucket, of these items together with others.
    pub fn with(&self, others: &Codewords) -> (usize, usize) {
        let row = |item: usize| &others.row(item)[..self.width];
        let order = ordered(others.items(), &|a, b| row(a).cmp(row(b)));
        let (count, largest) = buckets(&order, &|a, b| row(a) == row(b));
        if self.items() == 0 {
            return (others.items() - count, largest);
        }
        let mut sizes: HashMap<&[u32], (usize, usize)> = HashMap::new();
        (0..others.items()).for_each(|item| sizes.entry(row(item)).or_default().0 += 1);
        for item in 0..self.items() {
            if let Some((_, published)) = sizes.get_mut(&self.published.row(item)[..self.width]) {
                *published += 1;
            }
        }
        let new = sizes.values().filter(|(_, published)| *published == 0).count();
        let largest = sizes.values().map(|(own, published)| own + published).max().unwrap_or(0);
        (self.collisions + others.items() - new, self.largest.max(largest))
    }
}

/// Items that have codewords already. A page tokenizes whole catalogues: there are none, which the compiler sees, so that what
/// is done beside them adds nothing to a first load.
pub fn published_items(published: &Codewords) -> usize {
    if cfg!(feature = "files") { published.items() } else { 0 }
}

/// Number of buckets, and items of the largest, of items in an order in which those of one codeword are adjacent.
fn buckets(order: &[u32], same: &dyn Fn(usize, usize) -> bool) -> (usize, usize) {
    let sizes = order.chunk_by(|&a, &b| same(a as usize, b as usize)).map(<[u32]>::len);
    sizes.fold((0, 0), |(count, largest), size| (count + 1, largest.max(size)))
}
