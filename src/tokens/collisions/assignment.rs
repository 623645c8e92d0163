//! The linear assignment problem, solved exactly by shortest augmenting paths with potentials
//! (Jonker and Volgenant 1987) in `O(rows² · columns)`.

/// The column of each row in an assignment of least total cost; no column is used twice.
///
/// `costs` is `[rows][columns]`, finite, with `rows ≤ columns`. Ties are broken the same way every time.
pub fn least_cost(costs: &[f64], rows: usize, columns: usize) -> Vec<usize> {
    assert!(rows <= columns && costs.len() == rows * columns, "{rows} × {columns} costs expected, {} given", costs.len());
    let mut problem = Problem {
        costs,
        columns,
        row_potentials: vec![0.0; rows],
        column_potentials: vec![0.0; columns],
        assigned_row: vec![None; columns],
    };
    for row in 0..rows {
        problem.augment(row);
    }
    let mut chosen = vec![0; rows];
    for (column, row) in problem.assigned_row.iter().enumerate() {
        if let Some(row) = row {
            chosen[*row] = column;
        }
    }
    chosen
}

struct Problem<'a> {
    costs: &'a [f64],
    columns: usize,
    row_potentials: Vec<f64>,
    column_potentials: Vec<f64>,
    /// Row that each column is assigned to.
    assigned_row: Vec<Option<usize>>,
}

impl Problem<'_> {
    /// Assigns a column to `row`, along the shortest augmenting path (Dijkstra on reduced costs).
    fn augment(&mut self, row: usize) {
        let mut distances = vec![f64::INFINITY; self.columns];
        // Previous column on each column's shortest path; none where the path starts at `row` itself.
        let mut predecessors: Vec<Option<usize>> = vec![None; self.columns];
        let mut scanned: Vec<usize> = Vec::new();
        let mut is_scanned = vec![false; self.columns];
        let (mut current_row, mut current_column, mut current_distance) = (row, None, 0.0);
        let free = loop {
            let costs = &self.costs[current_row * self.columns..][..self.columns];
            let mut nearest = None;
            for column in 0..self.columns {
                if is_scanned[column] {
                    continue;
                }
                let distance =
                    current_distance + costs[column] - self.row_potentials[current_row] - self.column_potentials[column];
                if distance < distances[column] {
                    (distances[column], predecessors[column]) = (distance, current_column);
                }
                // Among equally near columns a free one comes first, because the path ends there.
                let key = |c: usize| (distances[c], self.assigned_row[c].is_some());
                if nearest.is_none_or(|n| key(column) < key(n)) {
                    nearest = Some(column);
                }
            }
            let column = nearest.expect("there are at least as many columns as rows");
            current_distance = distances[column];
            match self.assigned_row[column] {
                None => break column,
                Some(next_row) => {
                    is_scanned[column] = true;
                    scanned.push(column);
                    (current_row, current_column) = (next_row, Some(column));
                }
            }
        };
        self.row_potentials[row] += current_distance;
        for &column in &scanned {
            let assigned = self.assigned_row[column].expect("a scanned column is assigned to a row");
            self.row_potentials[assigned] += current_distance - distances[column];
            self.column_potentials[column] -= current_distance - distances[column];
        }
        self.reassign_path(free, &predecessors, row);
    }

    /// Moves every row of the path to the next column, so that the path's first column is free for `row`.
    fn reassign_path(&mut self, free: usize, predecessors: &[Option<usize>], row: usize) {
        let mut column = free;
        while let Some(previous) = predecessors[column] {
            self.assigned_row[column] = self.assigned_row[previous];
            column = previous;
        }
        self.assigned_row[column] = Some(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Least total cost, found by trying every assignment.
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
                // Small integers make many ties.
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
