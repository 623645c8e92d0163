//! Entropy and mutual information of labels: plug-in estimates from counts, in bits.

use std::collections::HashMap;
use std::hash::Hash;

use crate::base::sort::ordered;

/// A partition of items into groups, numbered `0..groups`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// `[items]` group of each item.
    pub group_of: Vec<u32>,
    /// Number of different groups.
    pub groups: usize,
}

impl Grouping {
    /// Groups items by equal labels.
    pub fn new<T: Hash + Eq>(labels: impl IntoIterator<Item = T>) -> Self {
        let mut numbers: HashMap<T, u32> = HashMap::new();
        let mut number = |label| {
            let next = numbers.len() as u32;
            *numbers.entry(label).or_insert(next)
        };
        let group_of = labels.into_iter().map(&mut number).collect();
        Self { group_of, groups: numbers.len() }
    }

    /// Items together where they are in both groupings.
    pub fn refined(&self, other: &Self) -> Self {
        let cell = |(a, b): (&u32, &u32)| u64::from(*a) * other.groups as u64 + u64::from(*b);
        let cells: Vec<u64> = self.group_of.iter().zip(&other.group_of).map(cell).collect();
        let order = ordered(cells.len(), &|a, b| cells[a].cmp(&cells[b]));
        let mut refined = Self { group_of: vec![0; cells.len()], groups: 0 };
        for group in order.chunk_by(|&a, &b| cells[a as usize] == cells[b as usize]) {
            group.iter().for_each(|&item| refined.group_of[item as usize] = refined.groups as u32);
            refined.groups += 1;
        }
        refined
    }

    /// `[groups]` number of items in each group.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.groups];
        self.group_of.iter().for_each(|&group| counts[group as usize] += 1);
        counts
    }

    /// Entropy of the group of a random item.
    pub fn entropy_bits(&self) -> f64 {
        entropy_bits(self.counts())
    }
}

/// Entropy of a distribution given by counts.
pub fn entropy_bits(counts: impl IntoIterator<Item = usize>) -> f64 {
    let (mut total, mut sum) = (0.0, 0.0);
    for count in counts.into_iter().filter(|&c| c > 0) {
        let count = count as f64;
        total += count;
        sum += count * count.log2();
    }
    // log n − Σ c log c / n, which rounding can make slightly negative.
    if total > 0.0 { (total.log2() - sum / total).max(0.0) } else { 0.0 }
}

/// Mutual information `I(a; b)` of two groupings of the same items.
pub fn mutual_information_bits(a: &Grouping, b: &Grouping) -> f64 {
    let joint = joint_entropy_bits(a, b.groups, |item| b.group_of[item]);
    (a.entropy_bits() + b.entropy_bits() - joint).max(0.0)
}

/// Normalised mutual information `2 I(a; b) / (H(a) + H(b))`: 0 where they are independent, 1 where they are the same.
/// None where one of them has a single group, and so no information.
pub fn normalised_mutual_information(a: &Grouping, b: &Grouping) -> Option<f64> {
    let (ha, hb) = (a.entropy_bits(), b.entropy_bits());
    (ha > 0.0 && hb > 0.0).then(|| 2.0 * mutual_information_bits(a, b) / (ha + hb))
}

/// Joint entropy of a grouping and of a second one with `groups` groups, of which `other` gives each item's.
pub(super) fn joint_entropy_bits(a: &Grouping, groups: usize, other: impl Fn(usize) -> u32) -> f64 {
    let cell = |item: usize| u64::from(a.group_of[item]) * groups as u64 + u64::from(other(item));
    let cells = a.groups as u64 * groups as u64;
    // Cells are counted in a table while it is not much larger than the items, otherwise by sorting.
    if cells <= (8 * a.group_of.len() as u64).max(1 << 16) {
        let mut counts = vec![0; cells as usize];
        (0..a.group_of.len()).for_each(|item| counts[cell(item) as usize] += 1);
        return entropy_bits(counts);
    }
    let mut all: Vec<u64> = (0..a.group_of.len()).map(cell).collect();
    all.sort_unstable();
    entropy_bits(all.chunk_by(|x, y| x == y).map(<[u64]>::len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropies_by_hand() {
        assert_eq!(entropy_bits([1, 1, 1, 1]), 2.0);
        assert_eq!(entropy_bits([5, 0]), 0.0);
        assert_eq!(entropy_bits([]), 0.0);
        assert!((entropy_bits([1, 3]) - 0.811_278).abs() < 1e-6);
    }

    #[test]
    fn information_by_hand() {
        let a = Grouping::new([0, 0, 1, 1]);
        let function = Grouping::new(["x", "x", "y", "y"]);
        let independent = Grouping::new([0, 1, 0, 1]);
        assert_eq!(mutual_information_bits(&a, &function), 1.0);
        assert_eq!(mutual_information_bits(&a, &independent), 0.0);
        assert_eq!(normalised_mutual_information(&a, &function), Some(1.0));
        assert_eq!(normalised_mutual_information(&a, &Grouping::new([7; 4])), None);
    }

    #[test]
    fn counting_by_sorting_equals_counting_in_a_table() {
        // 2000 × 2000 cells over 2000 items: too many for a table.
        let a = Grouping::new(0..2000);
        let b = Grouping::new((0..2000).map(|i| (i * 7) % 2000));
        assert!((mutual_information_bits(&a, &b) - 2000f64.log2()).abs() < 1e-9);
    }
}
