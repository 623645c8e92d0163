//! One sort for all callers: the standard library's is compiled anew for every type that is sorted, and each copy adds
//! kilobytes to the page.

use std::cmp::Ordering;

/// The numbers `0..count` in the order of `compare`; the lower of two equals comes first.
pub(crate) fn ordered(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    sort(&mut order, compare);
    order
}

/// Puts numbers in the order of `compare`; the lower of two equals comes first.
pub(crate) fn sort(numbers: &mut [u32], compare: &dyn Fn(usize, usize) -> Ordering) {
    numbers.sort_unstable_by(|&a, &b| compare(a as usize, b as usize).then(a.cmp(&b)));
}
