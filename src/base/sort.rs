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

/// Puts `order` in the order of `key`, which is below `keys`; equals keep their order. `spare` is as long as `order`, and what it
/// holds afterwards means nothing. It takes time in proportion to both lengths.
#[cfg(feature = "files")]
pub(crate) fn counting_sort(order: &mut Vec<u32>, spare: &mut Vec<u32>, keys: usize, key: impl Fn(u32) -> usize) {
    let mut places = vec![0u32; keys + 1];
    // Every number is there once, so counting needs no look at the order.
    (0..order.len() as u32).for_each(|number| places[key(number) + 1] += 1);
    (0..keys).for_each(|key| places[key + 1] += places[key]);
    for &number in order.iter() {
        let place = &mut places[key(number)];
        spare[*place as usize] = number;
        *place += 1;
    }
    std::mem::swap(order, spare);
}
