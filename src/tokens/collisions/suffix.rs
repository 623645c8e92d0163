//! The policy `suffix`: one more token, the item's number among those of its codeword.

use std::collections::HashMap;

use super::crowding::published_items;
use crate::tokens::Codewords;

/// Appends to every codeword its number within its bucket, from 0 in item order.
pub fn add_suffix(codewords: &mut Codewords) {
    add_beside(codewords, &Codewords::default());
}

/// As [`add_suffix`], where the items of `published` have their numbers already: counting goes on after the largest of a
/// bucket.
pub fn add_beside(codewords: &mut Codewords, published: &Codewords) {
    let order = codewords.sorted();
    let width = codewords.width();
    let mut numbers = vec![0; codewords.items()];
    let mut size = published.sizes.last().copied().unwrap_or(0);
    let beside = published_items(published);
    let mut first: HashMap<&[u32], u32> = HashMap::new();
    if beside > 0 {
        first.extend(codewords.buckets(&order).map(|bucket| (codewords.row(bucket[0] as usize), 0)));
    }
    for (codeword, number) in (0..beside).map(|item| published.row(item).split_at(width)) {
        if let Some(first) = first.get_mut(codeword) {
            *first = (*first).max(number[0] + 1);
        }
    }
    for bucket in codewords.buckets(&order) {
        let first = if beside > 0 { first[codewords.row(bucket[0] as usize)] } else { 0 };
        bucket.iter().zip(first..).for_each(|(&item, number)| numbers[item as usize] = number);
        size = size.max(first as usize + bucket.len());
    }
    let rows = codewords.values.chunks_exact(width.max(1)).zip(numbers);
    codewords.values = rows.flat_map(|(row, n)| row.iter().copied().chain(std::iter::once(n))).collect();
    codewords.sizes.push(size);
}
