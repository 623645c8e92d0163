//! Thinning out an assignment problem with many more columns than rows.
//!
//! Of each row only the cheapest columns matter, as many as there are rows: the others cannot take them all, so a row
//! with a dearer column could change to one of them.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The cheapest columns of each row, of columns that come one after another.
pub struct Thinned {
    columns: usize,
    rows: Vec<BinaryHeap<Entry>>,
}

/// A column by its cost; of equal ones the earlier counts as cheaper.
#[derive(PartialEq)]
struct Entry(f64, usize);

impl Thinned {
    /// A problem of `rows` rows, and no column yet.
    pub fn new(rows: usize) -> Self {
        Self { columns: 0, rows: (0..rows).map(|_| BinaryHeap::with_capacity(rows + 1)).collect() }
    }

    /// Adds a column by what it costs each row.
    pub fn push(&mut self, costs: impl Iterator<Item = f64>) {
        let most = self.rows.len();
        for (row, cost) in self.rows.iter_mut().zip(costs) {
            let entry = Entry(cost, self.columns);
            if row.len() < most {
                row.push(entry);
            } else if let Some(mut dearest) = row.peek_mut().filter(|dearest| entry < **dearest) {
                *dearest = entry;
            }
        }
        self.columns += 1;
    }

    /// The columns that matter, in order.
    pub fn columns(self) -> Vec<usize> {
        let mut matters = vec![false; self.columns];
        self.rows.iter().flatten().for_each(|entry| matters[entry.1] = true);
        (0..self.columns).filter(|&column| matters[column]).collect()
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
        fn the_columns_that_are_left_cost_no_more(
            (rows, columns, costs) in (1usize..6, 0usize..40).prop_flat_map(|(rows, extra)| {
                // Small integers: plenty of ties.
                let n = rows * (rows + extra);
                (Just(rows), Just(rows + extra), prop::collection::vec((-5i32..9).prop_map(f64::from), n))
            })
        ) {
            let mut thinned = Thinned::new(rows);
            (0..columns).for_each(|column| thinned.push((0..rows).map(|row| costs[row * columns + column])));
            let left = thinned.columns();
            prop_assert!(left.len() >= rows && left.len() <= rows * rows);
            let of_left: Vec<f64> = (0..rows).flat_map(|row| left.iter().map(move |column| (row, *column))).map(|(row, column)| costs[row * columns + column]).collect();
            prop_assert_eq!(total(&of_left, rows, left.len()), total(&costs, rows, columns));
        }
    }
}
