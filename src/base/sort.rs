//! One sort for everyone: each of the standard library's, made anew for every type, weighs kilobytes in the page.

use std::cmp::Ordering;

/// The numbers `0..count` ordered by `compare`; of equals the lower first.
pub(crate) fn ordered(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.sort_unstable_by(|&a, &b| compare(a as usize, b as usize).then(a.cmp(&b)));
    order
}
