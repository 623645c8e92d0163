//! Last-level one-to-one re-assignment at least added distortion, within capacity.
//!
//! A *group* is a set of items whose codewords differ in the last code of the top expert only. In
//! a group with a collision, items and last-level codes are matched at least total squared error.
//! Where a group has more items than codes, those that lose least by it move to another prefix
//! with a free code. Items of groups without a collision are never touched.

use std::collections::{HashMap, HashSet};

use super::chains::Chains;
use super::{Codewords, Position, Schema, lap};
use crate::engine::cpu::map_chunks;
use crate::order::ordered;

/// Stands for a cost that cannot be paid.
const NEVER: f64 = 1e30;

pub fn run(chains: &mut Chains<'_>, schema: &Schema) {
    let groups = Groups::new(chains, schema);
    let (fitting, overfull): (Vec<&[u32]>, Vec<&[u32]>) =
        groups.with_collision(chains).into_iter().partition(|group| group.len() <= chains.codes());
    let view = &*chains;
    let solved: Vec<Vec<Vec<u32>>> = map_chunks(&fitting, 16, |part| part.iter().map(|group| match_codes(view, group)).collect());
    for (group, codes) in fitting.iter().zip(solved.into_iter().flatten()) {
        group.iter().zip(codes).for_each(|(&item, code)| chains.set_last(item as usize, code));
    }
    if !overfull.is_empty() {
        Overflow::new(chains, &groups).run(&overfull);
    }
}

/// Items by prefix: the codeword without the top expert's last code.
struct Groups {
    prefixes: Codewords,
    order: Vec<u32>,
    /// Position of each of the top expert's codes in a codeword.
    columns: Vec<usize>,
}

impl Groups {
    fn new(chains: &Chains<'_>, schema: &Schema) -> Self {
        let mut prefixes = schema.codewords(chains.batch);
        let column = |level| schema.positions.iter().position(|p| *p == Position::Code { slot: 0, level });
        let columns: Vec<usize> = (0..chains.levels()).filter_map(column).collect();
        // Plain codes, whatever the vocabulary: an expert's offset would only be in the way.
        for item in 0..prefixes.items() {
            let row = item * prefixes.width();
            let mut codes = chains.chain(item).to_vec();
            *codes.last_mut().expect("a model has at least one level") = 0;
            columns.iter().zip(codes).for_each(|(&column, code)| prefixes.values[row + column] = code);
        }
        let order = prefixes.sorted();
        Self { prefixes, order, columns }
    }

    fn all(&self) -> impl Iterator<Item = &[u32]> {
        self.order.chunk_by(|&a, &b| self.prefixes.row(a as usize) == self.prefixes.row(b as usize))
    }

    fn with_collision(&self, chains: &Chains<'_>) -> Vec<&[u32]> {
        let last = chains.levels() - 1;
        let mut seen = HashSet::new();
        let collides = |group: &&[u32]| {
            seen.clear();
            group.len() > 1 && !group.iter().all(|&item| seen.insert(chains.chain(item as usize)[last]))
        };
        self.all().filter(collides).collect()
    }

    /// The prefix of an item, with other codes before the last.
    fn prefix(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        let mut row = self.prefixes.row(item).to_vec();
        self.columns.iter().zip(codes).for_each(|(&column, &code)| row[column] = code);
        row
    }
}

/// Last-level codes of a group that fits.
fn match_codes(chains: &Chains<'_>, group: &[u32]) -> Vec<u32> {
    let costs: Vec<f64> = group.iter().flat_map(|&item| chains.last_errors(item as usize)).collect();
    lap::least_cost(&costs, group.len(), chains.codes()).into_iter().map(|code| code as u32).collect()
}

/// Groups with more items than codes.
struct Overflow<'a, 'b> {
    chains: &'a mut Chains<'b>,
    groups: &'a Groups,
    /// Last-level codes in use, by prefix.
    used: HashMap<Vec<u32>, HashSet<u32>>,
    frontier: Frontier,
}

/// A chain and what it leaves: `‖z − Σ codes‖²`.
type Found = (f64, Vec<u32>);

/// What is free one level before the last, for the item searched for last. Thousands of items may
/// have one text, and with it the same `z`: of 256 entries each of them changes one.
#[derive(Default)]
struct Frontier {
    residual: Vec<f32>,
    prefix: Vec<u32>,
    /// Nearest free last code, and its error, behind each code.
    best: Vec<Option<(f64, u32)>>,
}

impl<'a, 'b> Overflow<'a, 'b> {
    fn new(chains: &'a mut Chains<'b>, groups: &'a Groups) -> Self {
        let last = chains.levels() - 1;
        let mut used: HashMap<Vec<u32>, HashSet<u32>> = HashMap::new();
        for group in groups.all() {
            let codes = group.iter().map(|&item| chains.chain(item as usize)[last]);
            used.insert(groups.prefixes.row(group[0] as usize).to_vec(), codes.collect());
        }
        Self { chains, groups, used, frontier: Frontier::default() }
    }

    fn run(&mut self, overfull: &[&[u32]]) {
        // Every full group is marked full before anyone looks for a place.
        for group in overfull {
            let prefix = self.groups.prefixes.row(group[0] as usize).to_vec();
            self.used.insert(prefix, (0..self.chains.codes() as u32).collect());
        }
        let leaving: Vec<u32> = overfull.iter().flat_map(|group| self.choose_stayers(group)).collect();
        for item in leaving {
            if let Some((_, codes)) = self.elsewhere(item as usize) {
                self.occupy(item as usize, &codes);
                self.chains.set_chain(item as usize, &codes);
            }
        }
    }

    fn occupy(&mut self, item: usize, codes: &[u32]) {
        let (last, front) = codes.split_last().expect("a chain has at least one code");
        self.used.entry(self.groups.prefix(item, front)).or_default().insert(*last);
        // Only this entry of the frontier has changed, if the frontier is this item's.
        let (code, kept) = front.split_last().expect("only models of two levels and more find another place");
        if self.is_frontier(item, kept) {
            self.frontier.best[*code as usize] = self.free_code(item, front);
        }
    }

    /// Gives each code of the group to one item, weighing what the others lose by leaving;
    /// returns the others.
    fn choose_stayers(&mut self, group: &[u32]) -> Vec<u32> {
        let (codes, items) = (self.chains.codes(), group.len());
        let mut costs = vec![0.0; codes * items];
        for (i, &item) in group.iter().enumerate() {
            let leave = self.elsewhere(item as usize).map_or(NEVER, |found| found.0);
            for (code, error) in self.chains.last_errors(item as usize).into_iter().enumerate() {
                costs[code * items + i] = error - leave.min(NEVER);
            }
        }
        let stayers = lap::least_cost(&costs, codes, items);
        let mut leaving: Vec<bool> = vec![true; items];
        for (code, &i) in stayers.iter().enumerate() {
            leaving[i] = false;
            self.chains.set_last(group[i] as usize, code as u32);
        }
        group.iter().zip(leaving).filter(|(_, leaves)| *leaves).map(|(&item, _)| item).collect()
    }

    /// The nearest free chain that shares as many codes with the item's own as it can.
    fn elsewhere(&mut self, item: usize) -> Option<Found> {
        let own = self.chains.chain(item).to_vec();
        let levels = self.chains.levels();
        (0..levels.saturating_sub(1)).rev().find_map(|kept| self.nearest_free(item, &own[..kept]))
    }

    /// A free chain that begins with `codes`: of all of them the nearest where two levels are
    /// open, otherwise the first one found going by nearest code.
    fn nearest_free(&mut self, item: usize, codes: &[u32]) -> Option<Found> {
        if codes.len() + 2 == self.chains.levels() {
            return self.nearest_of_two(item, codes);
        }
        let residual = self.chains.residual(item, codes);
        let errors = self.chains.errors(&residual, self.chains.quantizer(item), codes.len());
        let order = ordered(errors.len(), &|a, b| errors[a].total_cmp(&errors[b]));
        order.into_iter().find_map(|code| self.nearest_free(item, &[codes, &[code]].concat()))
    }

    fn nearest_of_two(&mut self, item: usize, codes: &[u32]) -> Option<Found> {
        if !self.is_frontier(item, codes) {
            let best = (0..self.chains.codes() as u32).map(|code| self.free_code(item, &[codes, &[code]].concat())).collect();
            let residual = self.chains.residual(item, codes);
            self.frontier = Frontier { residual, prefix: self.branch(item, codes), best };
        }
        let open = self.frontier.best.iter().zip(0u32..).filter_map(|(best, code)| best.map(|(error, last)| (error, code, last)));
        let (error, code, last) = open.min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((error, [codes, &[code, last]].concat()))
    }

    fn is_frontier(&self, item: usize, codes: &[u32]) -> bool {
        self.frontier.prefix == self.branch(item, codes) && self.frontier.residual == self.chains.residual(item, codes)
    }

    /// The prefix of an item with two levels open.
    fn branch(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        self.groups.prefix(item, &[codes, &[0]].concat())
    }

    /// The nearest free last code behind `codes`, and its error.
    fn free_code(&self, item: usize, codes: &[u32]) -> Option<(f64, u32)> {
        let taken = self.used.get(&self.groups.prefix(item, codes));
        if taken.is_some_and(|taken| taken.len() == self.chains.codes()) {
            return None;
        }
        let errors = self.chains.errors(&self.chains.residual(item, codes), self.chains.quantizer(item), codes.len());
        let free = errors.into_iter().zip(0u32..).filter(|(_, code)| taken.is_none_or(|taken| !taken.contains(code)));
        free.min_by(|a, b| a.0.total_cmp(&b.0))
    }
}
