//! The transportation problem, solved exactly by shortest augmenting paths with potentials (Jonker and Volgenant 1987, with
//! rows that ask for several places and columns that have several).

/// Rows and the columns that serve them, at the least total cost.
///
/// `costs` is `[rows][columns]`, finite. Row `i` is served `demands[i]` times, column `j` serves `capacities[j]` times at most,
/// and there is room for all. Ties are broken the same way every time.
pub fn least_cost(costs: &[f64], demands: &[usize], capacities: &[usize]) -> Vec<(usize, usize)> {
    let (rows, columns) = (demands.len(), capacities.len());
    assert!(costs.len() == rows * columns, "a cost for each row and column");
    let mut problem = Problem {
        costs,
        capacities,
        row_potentials: vec![0.0; rows],
        column_potentials: vec![0.0; columns],
        served: vec![Vec::new(); columns],
    };
    for (row, &demand) in demands.iter().enumerate() {
        (0..demand).for_each(|_| problem.augment(row));
    }
    let mut pairs = Vec::new();
    for (column, rows) in problem.served.iter().enumerate() {
        rows.iter().for_each(|&row| pairs.push((row, column)));
    }
    pairs
}

struct Problem<'a> {
    costs: &'a [f64],
    capacities: &'a [usize],
    row_potentials: Vec<f64>,
    column_potentials: Vec<f64>,
    /// Rows that each column serves so far.
    served: Vec<Vec<usize>>,
}

/// A row that a path has come to.
struct Reached {
    row: usize,
    distance: f64,
    /// The full column through which it came; none where the path starts.
    through: Option<usize>,
}

impl Problem<'_> {
    /// Serves `row` once more, along the shortest augmenting path (Dijkstra on reduced costs).
    fn augment(&mut self, row: usize) {
        let columns = self.capacities.len();
        let mut distances = vec![f64::INFINITY; columns];
        // Place in `reached` of the row before each column on its shortest path.
        let mut before = vec![0; columns];
        let mut scanned: Vec<usize> = Vec::new();
        let mut is_scanned = vec![false; columns];
        let mut reached = vec![Reached { row, distance: 0.0, through: None }];
        let mut unscanned = 0;
        let free = loop {
            for (at, Reached { row, distance, .. }) in reached.iter().enumerate().skip(unscanned) {
                let costs = &self.costs[row * columns..][..columns];
                for column in 0..columns {
                    let longer = distance + costs[column] - self.row_potentials[*row] - self.column_potentials[column];
                    if longer < distances[column] && !is_scanned[column] {
                        (distances[column], before[column]) = (longer, at);
                    }
                }
            }
            unscanned = reached.len();
            // Among equally near columns a free one comes first, because the path ends there.
            let key = |c: usize| (distances[c], self.is_full(c));
            let open = (0..columns).filter(|&column| !is_scanned[column]);
            let nearest = open.reduce(|best, column| if key(column) < key(best) { column } else { best });
            let column = nearest.expect("there is room for every row");
            if !self.is_full(column) {
                break column;
            }
            is_scanned[column] = true;
            scanned.push(column);
            for &row in &self.served[column] {
                if reached.iter().all(|known| known.row != row) {
                    reached.push(Reached { row, distance: distances[column], through: Some(column) });
                }
            }
        };
        for Reached { row, distance, .. } in &reached {
            self.row_potentials[*row] += distances[free] - distance;
        }
        for column in scanned {
            self.column_potentials[column] -= distances[free] - distances[column];
        }
        self.move_along(free, &before, &reached);
    }

    fn is_full(&self, column: usize) -> bool {
        self.served[column].len() >= self.capacities[column]
    }

    /// Moves every row of the path to the next column, so that the path's first column has room for the row it starts at.
    fn move_along(&mut self, free: usize, before: &[usize], reached: &[Reached]) {
        let mut column = free;
        loop {
            let Reached { row, through, .. } = reached[before[column]];
            self.served[column].push(row);
            let Some(left) = through else { return };
            let at = self.served[left].iter().position(|served| *served == row).expect("the path came through it");
            self.served[left].swap_remove(at);
            column = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Least total cost, found by trying everything: `asking` has each row once for each time that it is served.
    fn brute_force(costs: &[f64], asking: &[usize], room: &mut [usize]) -> f64 {
        let Some((row, others)) = asking.split_first() else { return 0.0 };
        let mut best = f64::INFINITY;
        for column in 0..room.len() {
            if room[column] > 0 {
                room[column] -= 1;
                best = best.min(costs[row * room.len() + column] + brute_force(costs, others, room));
                room[column] += 1;
            }
        }
        best
    }

    proptest! {
        #[test]
        fn equals_brute_force(
            (demands, capacities, costs) in (prop::collection::vec(1usize..4, 1..4), prop::collection::vec(1usize..4, 1..5))
                .prop_flat_map(|(demands, capacities)| {
                    // Small integers make many ties.
                    let costs = prop::collection::vec((-5i32..9).prop_map(f64::from), demands.len() * capacities.len());
                    (Just(demands), Just(capacities), costs)
                })
        ) {
            let asking: Vec<usize> = demands.iter().enumerate().flat_map(|(row, &count)| vec![row; count]).collect();
            prop_assume!(asking.len() <= capacities.iter().sum());
            let served = least_cost(&costs, &demands, &capacities);
            let mut all: Vec<usize> = served.iter().map(|(row, _)| *row).collect();
            all.sort_unstable();
            prop_assert_eq!(&all, &asking);
            for (column, capacity) in capacities.iter().enumerate() {
                prop_assert!(served.iter().filter(|(_, by)| *by == column).count() <= *capacity);
            }
            let total: f64 = served.iter().map(|(row, column)| costs[row * capacities.len() + column]).sum();
            prop_assert_eq!(total, brute_force(&costs, &asking, &mut capacities.clone()));
        }
    }
}
