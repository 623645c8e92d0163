//! The linear assignment problem, exactly: shortest augmenting paths with potentials
//! (Jonker and Volgenant 1987), `O(rows² · columns)`.

/// The column of each row in an assignment of least total cost; no column is given twice.
///
/// `costs` is `[rows][columns]`, finite, with `rows ≤ columns`. Ties are broken the same way every time.
pub fn least_cost(costs: &[f64], rows: usize, columns: usize) -> Vec<usize> {
    assert!(rows <= columns && costs.len() == rows * columns, "{rows} × {columns} costs expected, {} given", costs.len());
    let mut problem =
        Problem { costs, columns, row_price: vec![0.0; rows], column_price: vec![0.0; columns], owner: vec![None; columns] };
    for row in 0..rows {
        problem.augment(row);
    }
    let mut chosen = vec![0; rows];
    for (column, owner) in problem.owner.iter().enumerate() {
        if let Some(row) = owner {
            chosen[*row] = column;
        }
    }
    chosen
}

struct Problem<'a> {
    costs: &'a [f64],
    columns: usize,
    row_price: Vec<f64>,
    column_price: Vec<f64>,
    /// Row that holds each column.
    owner: Vec<Option<usize>>,
}

impl Problem<'_> {
    /// Gives `row` a column, along the shortest path of swaps (Dijkstra on reduced costs).
    fn augment(&mut self, row: usize) {
        let mut distance = vec![f64::INFINITY; self.columns];
        // Column before each on its shortest path; none where the path starts at `row` itself.
        let mut before: Vec<Option<usize>> = vec![None; self.columns];
        let mut scanned: Vec<usize> = Vec::new();
        let mut done = vec![false; self.columns];
        let (mut from, mut from_column, mut reached) = (row, None, 0.0);
        let free = loop {
            let costs = &self.costs[from * self.columns..][..self.columns];
            let mut nearest = None;
            for column in 0..self.columns {
                if done[column] {
                    continue;
                }
                let through = reached + costs[column] - self.row_price[from] - self.column_price[column];
                if through < distance[column] {
                    (distance[column], before[column]) = (through, from_column);
                }
                // Of equals a free column: the path ends there.
                let key = |c: usize| (distance[c], self.owner[c].is_some());
                if nearest.is_none_or(|n| key(column) < key(n)) {
                    nearest = Some(column);
                }
            }
            let column = nearest.expect("there are at least as many columns as rows");
            reached = distance[column];
            match self.owner[column] {
                None => break column,
                Some(next) => {
                    done[column] = true;
                    scanned.push(column);
                    (from, from_column) = (next, Some(column));
                }
            }
        };
        self.row_price[row] += reached;
        for &column in &scanned {
            let owner = self.owner[column].expect("a scanned column has an owner");
            self.row_price[owner] += reached - distance[column];
            self.column_price[column] -= reached - distance[column];
        }
        self.swap_along(free, &before, row);
    }

    fn swap_along(&mut self, free: usize, before: &[Option<usize>], row: usize) {
        let mut column = free;
        while let Some(previous) = before[column] {
            self.owner[column] = self.owner[previous];
            column = previous;
        }
        self.owner[column] = Some(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Least cost by trying every choice.
    fn brute_force(costs: &[f64], rows: usize, columns: usize, row: usize, used: &mut Vec<bool>) -> f64 {
        if row == rows {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for column in 0..columns {
            if !used[column] {
                used[column] = true;
                best = best.min(costs[row * columns + column] + brute_force(costs, rows, columns, row + 1, used));
                used[column] = false;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn equals_brute_force(
            (rows, columns, costs) in (1usize..6, 0usize..3).prop_flat_map(|(rows, extra)| {
                // Small integers: plenty of ties.
                let n = rows * (rows + extra);
                (Just(rows), Just(rows + extra), prop::collection::vec((-5i32..9).prop_map(f64::from), n))
            })
        ) {
            let chosen = least_cost(&costs, rows, columns);
            let mut seen = vec![false; columns];
            for &c in &chosen {
                prop_assert!(!std::mem::replace(&mut seen[c], true), "column {} twice", c);
            }
            let total: f64 = chosen.iter().enumerate().map(|(r, c)| costs[r * columns + c]).sum();
            prop_assert_eq!(total, brute_force(&costs, rows, columns, 0, &mut vec![false; columns]));
        }
    }
}
