//! Codewords that several items share.

use serde::Serialize;

use crate::base::sort::ordered;
use crate::tokens::Index;

/// Ids named of each.
const NAMED: usize = 5;

/// A codeword that several items have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct SharedCodeword<'a> {
    /// Its tokens.
    pub tokens: Vec<&'a str>,
    /// Number of items.
    pub items: usize,
    /// Ids of the first few.
    pub ids: Vec<&'a str>,
}

/// The codewords that most items share, at most `most` of them; those of most items first.
pub fn shared_codewords(index: &Index, most: usize) -> Vec<SharedCodeword<'_>> {
    let order = index.sorted();
    let same = |a: &u32, b: &u32| index.row(*a as usize) == index.row(*b as usize);
    let buckets: Vec<&[u32]> = order.chunk_by(same).filter(|bucket| bucket.len() > 1).collect();
    let largest = ordered(buckets.len(), &|a, b| buckets[b].len().cmp(&buckets[a].len()));
    let describe = |bucket: &[u32]| SharedCodeword {
        tokens: index.row(bucket[0] as usize).iter().map(|&token| index.vocabulary[token as usize].as_str()).collect(),
        items: bucket.len(),
        ids: bucket.iter().take(NAMED).map(|&item| index.ids[item as usize].as_str()).collect(),
    };
    largest.into_iter().take(most).map(|bucket| describe(buckets[bucket as usize])).collect()
}
