//! Pruning of an assignment problem with many more columns than rows.
//!
//! Only each row's cheapest columns can matter, as many as there are rows: the other rows cannot take all of them, so a row
//! that was given a more expensive column could always change to one of them.

/// The cheapest columns of each row, from columns that arrive one after another.
pub struct PrunedColumns {
    columns: usize,
    /// `[rows]` costs and numbers of the cheapest columns so far, ascending; of equal costs the earlier column comes first.
    cheapest: Vec<Vec<(f64, usize)>>,
}

impl PrunedColumns {
    /// A problem of `rows` rows, and no column yet.
    pub fn new(rows: usize) -> Self {
        Self { columns: 0, cheapest: vec![Vec::new(); rows] }
    }

    /// Adds a column by its cost for each row.
    pub fn push(&mut self, costs: &[f64]) {
        let rows = self.cheapest.len();
        for (cheapest, &cost) in self.cheapest.iter_mut().zip(costs) {
            if cheapest.len() == rows && cost >= cheapest[rows - 1].0 {
                continue;
            }
            cheapest.truncate(rows - 1);
            let at = cheapest.partition_point(|other| other.0 <= cost);
            cheapest.insert(at, (cost, self.columns));
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

#[cfg(test)]
mod tests {
    use super::super::assignment::least_cost;
    use super::*;
    use proptest::prelude::*;

    fn total(costs: &[f64], rows: usize, columns: usize) -> f64 {
        let served = least_cost(costs, &vec![1; rows], &vec![1; columns]);
        served.into_iter().map(|(row, column)| costs[row * columns + column]).sum()
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
            (0..columns).for_each(|column| pruned.push(&(0..rows).map(|row| costs[row * columns + column]).collect::<Vec<_>>()));
            let kept = pruned.kept();
            prop_assert!(kept.len() >= rows && kept.len() <= rows * rows);
            let kept_costs: Vec<f64> =
                costs.chunks_exact(columns).flat_map(|row| kept.iter().map(|&column| row[column])).collect();
            prop_assert_eq!(total(&kept_costs, rows, kept.len()), total(&costs, rows, columns));
        }
    }
}
