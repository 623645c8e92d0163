//! Pruning of an assignment problem with many more columns than rows.
//!
//! Only each row's cheapest columns can matter, as many as there are rows: the other rows cannot take all of them, so a row
//! that was given a more expensive column could always change to one of them.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The cheapest columns of each row, from columns that arrive one after another.
pub struct PrunedColumns {
    columns: usize,
    /// `[rows]` the cheapest columns so far, the most expensive on top.
    cheapest: Vec<BinaryHeap<Entry>>,
}

/// Cost and number of a column; among equal costs the earlier column counts as cheaper.
#[derive(PartialEq)]
struct Entry(f64, usize);

impl PrunedColumns {
    /// A problem of `rows` rows, and no column yet.
    pub fn new(rows: usize) -> Self {
        Self { columns: 0, cheapest: (0..rows).map(|_| BinaryHeap::with_capacity(rows + 1)).collect() }
    }

    /// Adds a column by its cost for each row.
    pub fn push(&mut self, costs: impl Iterator<Item = f64>) {
        let rows = self.cheapest.len();
        for (cheapest, cost) in self.cheapest.iter_mut().zip(costs) {
            let entry = Entry(cost, self.columns);
            if cheapest.len() < rows {
                cheapest.push(entry);
            } else if let Some(mut dearest) = cheapest.peek_mut().filter(|dearest| entry < **dearest) {
                *dearest = entry;
            }
        }
        self.columns += 1;
    }

    /// Numbers of the columns that can matter, ascending.
    pub fn kept(self) -> Vec<usize> {
        let mut is_kept = vec![false; self.columns];
        self.cheapest.iter().flatten().for_each(|entry| is_kept[entry.1] = true);
        (0..self.columns).filter(|&column| is_kept[column]).collect()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

#[cfg(test)]
mod tests {
    use super::super::assignment::least_cost;
    use super::*;
    use proptest::prelude::*;

    fn total(costs: &[f64], rows: usize, columns: usize) -> f64 {
        least_cost(costs, rows, columns).iter().enumerate().map(|(row, column)| costs[row * columns + column]).sum()
    }

    proptest! {
        #[test]
        fn the_kept_columns_cost_no_more(
            (rows, columns, costs) in (1usize..6, 0usize..40).prop_flat_map(|(rows, extra)| {
                // Small integers make many ties.
                let n = rows * (rows + extra);
                (Just(rows), Just(rows + extra), prop::collection::vec((-5i32..9).prop_map(f64::from), n))
            })
        ) {
            let mut pruned = PrunedColumns::new(rows);
            (0..columns).for_each(|column| pruned.push((0..rows).map(|row| costs[row * columns + column])));
            let kept = pruned.kept();
            prop_assert!(kept.len() >= rows && kept.len() <= rows * rows);
            let kept_costs: Vec<f64> =
                costs.chunks_exact(columns).flat_map(|row| kept.iter().map(|&column| row[column])).collect();
            prop_assert_eq!(total(&kept_costs, rows, kept.len()), total(&costs, rows, columns));
        }
    }
}
