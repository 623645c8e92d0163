//! Which last codes are taken behind which prefixes: where an item can still move.

use std::collections::HashMap;

/// Taken last codes by *branch*: the prefix of an item with its two last levels open.
pub struct Places {
    codes: usize,
    branches: HashMap<Vec<u32>, Branch>,
}

/// What is taken behind one branch, by the code of its first open level. Most have few entries: a sorted list of them.
#[derive(Default)]
pub struct Branch {
    rows: Vec<(u32, Taken)>,
    taken: usize,
}

/// Taken last codes, a bit each.
struct Taken {
    bits: Box<[u64]>,
    count: usize,
}

impl Places {
    /// Nothing is taken yet.
    pub fn new(codes: usize) -> Self {
        Self { codes, branches: HashMap::new() }
    }

    /// What is taken behind a branch, if anything is.
    pub fn branch(&self, branch: &[u32]) -> Option<&Branch> {
        self.branches.get(branch)
    }

    /// Whether nothing is free behind a branch.
    pub fn is_full(&self, branch: &[u32]) -> bool {
        self.branch(branch).is_some_and(|branch| branch.taken == self.codes * self.codes)
    }

    /// Takes the last code `last` behind `branch` and `code`.
    pub fn take(&mut self, branch: Vec<u32>, code: u32, last: u32) {
        let branch = self.branches.entry(branch).or_default();
        let at = branch.rows.binary_search_by_key(&code, |row| row.0).unwrap_or_else(|at| {
            branch.rows.insert(at, (code, Taken { bits: vec![0; self.codes.div_ceil(64)].into(), count: 0 }));
            at
        });
        let taken = &mut branch.rows[at].1;
        let (word, bit) = (last as usize / 64, 1 << (last % 64));
        let new = usize::from(taken.bits[word] & bit == 0);
        taken.bits[word] |= bit;
        taken.count += new;
        branch.taken += new;
    }
}

impl Branch {
    /// The least of `costs`, one a last code, that is free behind `code`, and which it is.
    pub fn least(&self, code: u32, costs: impl Iterator<Item = f32>) -> Option<(f32, u32)> {
        let taken = &self.rows[self.rows.binary_search_by_key(&code, |row| row.0).ok()?].1;
        let free = |last: u32| taken.bits[last as usize / 64] & (1 << (last % 64)) == 0;
        costs.zip(0..).filter(|&(_, last)| free(last)).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// How many last codes are taken behind `code`.
    pub fn taken(&self, code: u32) -> usize {
        self.rows.binary_search_by_key(&code, |row| row.0).map_or(0, |at| self.rows[at].1.count)
    }
}
