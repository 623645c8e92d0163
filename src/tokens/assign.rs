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
    /// Largest norm of a last-level code, by quantizer.
    reach: Vec<f64>,
}

/// A chain and what it leaves: `‖z − Σ codes‖²`.
type Found = (f64, Vec<u32>);

impl<'a, 'b> Overflow<'a, 'b> {
    fn new(chains: &'a mut Chains<'b>, groups: &'a Groups) -> Self {
        let (latent, last) = (chains.model.config.model.latent, chains.levels() - 1);
        let mut used: HashMap<Vec<u32>, HashSet<u32>> = HashMap::new();
        for group in groups.all() {
            let codes = group.iter().map(|&item| chains.chain(item as usize)[last]);
            used.insert(groups.prefixes.row(group[0] as usize).to_vec(), codes.collect());
        }
        let norm = |code: &[f32]| code.iter().map(|c| f64::from(*c).powi(2)).sum::<f64>().sqrt();
        let longest = |q| chains.model.codebook(q, last).chunks_exact(latent).map(norm).fold(0.0, f64::max);
        let reach = (0..chains.model.config.model.quantizers()).map(longest).collect();
        Self { chains, groups, used, reach }
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
                let (last, front) = codes.split_last().expect("a chain has at least one code");
                let prefix = self.groups.prefix(item as usize, front);
                self.used.entry(prefix).or_default().insert(*last);
                self.chains.set_chain(item as usize, &codes);
            }
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
    fn elsewhere(&self, item: usize) -> Option<Found> {
        let own = self.chains.chain(item);
        let levels = self.chains.levels();
        (0..levels.saturating_sub(1)).rev().find_map(|kept| self.nearest_free(item, &own[..kept]))
    }

    /// A free chain that begins with `codes`: of all of them the nearest where two levels are
    /// open, otherwise the first one found going by nearest code.
    fn nearest_free(&self, item: usize, codes: &[u32]) -> Option<Found> {
        let (quantizer, level, levels) = (self.chains.quantizer(item), codes.len(), self.chains.levels());
        let residual = self.chains.residual(item, codes);
        let errors = self.chains.errors(&residual, quantizer, level);
        if level + 1 == levels {
            return self.free_code(item, codes, &errors);
        }
        let mut order: Vec<usize> = (0..errors.len()).collect();
        order.sort_by(|&a, &b| errors[a].total_cmp(&errors[b]));
        let mut best: Option<Found> = None;
        for code in order {
            if let Some((error, _)) = best {
                // A last code reaches only so far: nothing behind this one can be nearer.
                let at_least = (errors[code].sqrt() - self.reach[quantizer]).max(0.0);
                if level + 2 < levels || at_least * at_least >= error {
                    break;
                }
            }
            let found = self.nearest_free(item, &[codes, &[code as u32]].concat());
            if let Some(found) = found
                && best.as_ref().is_none_or(|b| found.0 < b.0)
            {
                best = Some(found);
            }
        }
        best
    }

    fn free_code(&self, item: usize, codes: &[u32], errors: &[f64]) -> Option<Found> {
        let taken = self.used.get(&self.groups.prefix(item, codes));
        let free = |code: &usize| taken.is_none_or(|t| !t.contains(&(*code as u32)));
        let code = (0..errors.len()).filter(free).min_by(|&a, &b| errors[a].total_cmp(&errors[b]))?;
        Some((errors[code], [codes, &[code as u32]].concat()))
    }
}
