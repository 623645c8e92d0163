//! Last-level one-to-one re-assignment at least added distortion, within capacity.
//!
//! A *group* is a set of items whose codewords differ in the last code of the top expert only. In
//! a group with a collision, items and last-level codes are matched at least total squared error.
//! Where a group has more items than codes, those that lose least by it move to another prefix
//! with a free code. Items of groups without a collision are never touched.

use std::collections::HashSet;

use super::assignment;
use super::chains::Chains;
use super::overflow::Overflow;
use super::progress::{Progress, Stopped, Watch};
use crate::base::parallel::map_chunks;
use crate::tokens::{Codewords, Position, Schema};

/// Resolves all collisions that there is room to resolve.
///
/// # Errors
/// The watcher said stop; chains are then between the old and the new.
pub fn run(chains: &mut Chains<'_>, schema: &Schema, watch: Watch<'_>) -> Result<(), Stopped> {
    let groups = Groups::new(chains, schema);
    let (fitting, overfull): (Vec<&[u32]>, Vec<&[u32]>) =
        groups.with_collision(chains).into_iter().partition(|group| group.len() <= chains.codes());
    let items = |groups: &[&[u32]]| groups.iter().map(|group| group.len()).sum::<usize>();
    // Those of an overfull group are weighed, and those that leave it looked for a place.
    let progress = Progress::new(watch, items(&fitting) + 2 * items(&overfull) - overfull.len() * chains.codes());
    let view = &*chains;
    let solved =
        map_chunks(&fitting, 16, |part| part.iter().map(|group| match_codes(view, group, &progress)).collect::<Vec<_>>());
    for (group, codes) in fitting.iter().zip(solved.into_iter().flatten()) {
        group.iter().zip(codes?).for_each(|(&item, code)| chains.set_last(item as usize, code));
    }
    if overfull.is_empty() {
        return Ok(());
    }
    Overflow::new(chains, &groups, &overfull).run(&overfull, &progress)
}

/// Items by prefix: the codeword without the top expert's last code.
pub struct Groups {
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

    /// All groups.
    pub fn all(&self) -> impl Iterator<Item = &[u32]> {
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
    pub fn prefix(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        let mut row = self.prefixes.row(item).to_vec();
        self.columns.iter().zip(codes).for_each(|(&column, &code)| row[column] = code);
        row
    }
}

/// Last-level codes of a group that fits.
fn match_codes(chains: &Chains<'_>, group: &[u32], progress: &Progress<'_>) -> Result<Vec<u32>, Stopped> {
    progress.step(group.len())?;
    let costs: Vec<f64> = group.iter().flat_map(|&item| chains.last_errors(item as usize)).collect();
    Ok(assignment::least_cost(&costs, group.len(), chains.codes()).into_iter().map(|code| code as u32).collect())
}
