//! How much more often two items occur near each other than chance has it, of all pairs of a catalogue.

use std::collections::BTreeMap;

/// Positive pointwise mutual information of items, a sparse symmetric matrix: `ln(C_ij ΣC / (C_i C_j))` where that is
/// positive (Levy & Goldberg 2014). `C_ij` sums `1 / distance` over the pairs of items within a window.
#[derive(Debug)]
pub struct Pointwise {
    /// `[items]` the neighbours of each item, in order, and their information in nats.
    rows: Vec<Vec<(u32, f64)>>,
}

impl Pointwise {
    /// From what each user did in time order; items are numbers below `items`, none where an item is unknown.
    pub fn of<'a>(histories: impl Iterator<Item = &'a [Option<u32>]>, items: usize, window: usize) -> Self {
        let mut counts: Vec<BTreeMap<u32, f64>> = vec![BTreeMap::new(); items];
        for history in histories {
            for (at, first) in history.iter().enumerate() {
                for (distance, second) in history[at + 1..].iter().take(window).enumerate() {
                    if let (Some(a), Some(b)) = (first, second) {
                        let weight = 1.0 / (distance + 1) as f64;
                        *counts[*a as usize].entry(*b).or_default() += weight;
                        *counts[*b as usize].entry(*a).or_default() += weight;
                    }
                }
            }
        }
        let totals: Vec<f64> = counts.iter().map(|row| row.values().sum()).collect();
        let all: f64 = totals.iter().sum();
        let information = |i: usize, (j, count): (u32, f64)| {
            let value = (count * all / (totals[i] * totals[j as usize])).ln();
            (value > 0.0).then_some((j, value))
        };
        let rows = counts.into_iter().enumerate();
        Self { rows: rows.map(|(i, row)| row.into_iter().filter_map(|entry| information(i, entry)).collect()).collect() }
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.rows.len()
    }

    /// The neighbours of an item; empty where it has none.
    pub fn neighbours(&self, item: usize) -> &[(u32, f64)] {
        &self.rows[item]
    }

    /// The product with a vector `[items]`.
    pub fn multiply(&self, vector: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| row.iter().map(|(j, value)| value * vector[*j as usize]).sum()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn information_is_that_of_weighted_pairs_and_symmetric() {
        let histories: [&[Option<u32>]; 2] = [&[Some(0), Some(1), None, Some(2)], &[Some(0), Some(1)]];
        let pointwise = Pointwise::of(histories.into_iter(), 4, 2);
        // Pairs: 0–1 twice at distance 1, 1–2 once at distance 2. Totals: 2, 2.5, .5, together 5.
        let expected = |count: f64, a: f64, b: f64| (count * 5.0 / (a * b)).ln();
        assert_eq!(pointwise.neighbours(0), [(1, expected(2.0, 2.0, 2.5))]);
        assert_eq!(pointwise.neighbours(1), [(0, expected(2.0, 2.5, 2.0)), (2, expected(0.5, 2.5, 0.5))]);
        assert!(pointwise.neighbours(3).is_empty());
        assert_eq!(pointwise.multiply(&[1.0, 0.0, 0.0, 9.0])[1], expected(2.0, 2.5, 2.0));
    }
}
