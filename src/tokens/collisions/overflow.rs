//! Overfull groups, which have more items than last codes: which items stay in the group, and where the others move.

use super::assignment;
use super::nearest_pair::PairTable;
use super::prefix_groups::{Contended, PrefixGroups};
use super::progress::{Progress, Stopped};
use super::pruned_columns::PrunedColumns;
use super::taken_codes::TakenCodes;
use super::top_codes::{TopCodes, squared_norm};
use crate::base::parallel::map_chunks;
use crate::base::sort::ordered;

/// Stands for the distortion of an item that would have nowhere to move, so that it stays if any item does.
const NOWHERE: f64 = 1e30;
/// Items a code above which a group is pruned before the matching.
const PRUNED_FROM: usize = 4;

/// Resolves overfull groups.
pub struct Overflow<'a, 'b> {
    top_codes: &'a mut TopCodes<'b>,
    groups: &'a PrefixGroups,
    taken: TakenCodes,
    /// `[quantizers]`, for those that have an overfull group.
    pair_tables: Vec<Option<PairTable>>,
}

/// Codes that an item could move to, and the distortion `‖z − Σ codes‖²` that it would have with them.
struct Move {
    distortion: f64,
    codes: Vec<u32>,
}

impl<'a, 'b> Overflow<'a, 'b> {
    /// Records which codes are taken besides those of `taken`. All last codes of an overfull group count as taken, since its
    /// items will fill them.
    pub fn new(top_codes: &'a mut TopCodes<'b>, groups: &'a PrefixGroups, overfull: &[Contended<'_>], taken: TakenCodes) -> Self {
        let mut tables: Vec<Option<PairTable>> = (0..top_codes.model.config.model.quantizers()).map(|_| None).collect();
        let mut new = Self { top_codes, groups, taken, pair_tables: Vec::new() };
        if new.top_codes.levels() > 1 {
            groups.all().flatten().for_each(|&item| new.take_codes(item as usize));
            for group in overfull {
                let item = group.items[0] as usize;
                let quantizer = new.top_codes.quantizer(item);
                tables[quantizer].get_or_insert_with(|| PairTable::new(new.top_codes, quantizer));
                let (key, code) = new.groups.present_subtree(new.top_codes, item);
                (0..new.top_codes.codes_per_level() as u32).for_each(|last| new.taken.take(&key, code, last));
            }
        }
        new.pair_tables = tables;
        new
    }

    /// Gives each last code of a group to one of its items, and moves the others while there are free codewords.
    ///
    /// # Errors
    /// The watcher asked to stop.
    pub fn run(mut self, overfull: &[Contended<'_>], progress: &Progress<'_>) -> Result<(), Stopped> {
        let view = &self;
        let staying = map_chunks(overfull, 1, |part| part.iter().map(|group| view.staying(group, progress)).collect::<Vec<_>>());
        let mut leaving = Vec::new();
        for (group, staying) in overfull.iter().zip(staying.into_iter().flatten()) {
            let mut leaves = vec![true; group.items.len()];
            for (&code, i) in group.free.iter().zip(staying?) {
                leaves[i] = false;
                self.top_codes.set_last_code(group.items[i] as usize, code);
            }
            leaving.extend(group.items.iter().zip(leaves).filter(|(_, leaves)| *leaves).map(|(&item, _)| item as usize));
        }
        for item in leaving {
            if let Some(to) = self.best_move(item) {
                self.top_codes.set_codes(item, &to.codes);
                self.take_codes(item);
            }
            progress.step(1)?;
        }
        Ok(())
    }

    /// `[free]` the item, by its place in the group, that gets each free last code: at the least total distortion, that of
    /// the items that leave included.
    fn staying(&self, group: &Contended<'_>, progress: &Progress<'_>) -> Result<Vec<usize>, Stopped> {
        let candidates = self.candidates(group, progress)?;
        let mut costs = vec![0.0; group.free.len() * candidates.len()];
        for (i, &candidate) in candidates.iter().enumerate() {
            let own = self.costs_of_staying(group.items[candidate], &group.free);
            (0..).zip(own).for_each(|(place, cost): (usize, f64)| costs[place * candidates.len() + i] = cost);
        }
        let chosen = assignment::least_cost(&costs, group.free.len(), candidates.len());
        Ok(chosen.into_iter().map(|i| candidates[i]).collect())
    }

    /// Items of a group that may get a code in a matching of least cost: few of a group that is much larger than that.
    fn candidates(&self, group: &Contended<'_>, progress: &Progress<'_>) -> Result<Vec<usize>, Stopped> {
        let (items, free) = (group.items.len(), group.free.len());
        if free == 0 || items <= PRUNED_FROM * free {
            progress.step(items)?;
            return Ok((0..if free == 0 { 0 } else { items }).collect());
        }
        let mut pruned = PrunedColumns::new(free);
        for &item in group.items {
            pruned.push(self.costs_of_staying(item, &group.free).into_iter());
            progress.step(1)?;
        }
        Ok(pruned.kept())
    }

    /// `[free]` an item's distortion with each free last code, less its distortion if it left.
    fn costs_of_staying(&self, item: u32, free: &[u32]) -> Vec<f64> {
        let leaving = self.best_move(item as usize).map_or(NOWHERE, |to| to.distortion);
        let errors = self.top_codes.last_level_errors(item as usize);
        free.iter().map(|&code| errors[code as usize] - leaving).collect()
    }

    /// The nearest free codes that share as many first codes with the item's own as is possible.
    fn best_move(&self, item: usize) -> Option<Move> {
        let own = self.top_codes.codes(item);
        (0..self.top_codes.levels().saturating_sub(1)).rev().find_map(|kept| self.nearest_free(item, &own[..kept]))
    }

    /// Free codes that begin with `first`. With two levels to choose they are the nearest of all; with more, levels are
    /// chosen greedily until a subtree with a free pair is found.
    fn nearest_free(&self, item: usize, first: &[u32]) -> Option<Move> {
        if first.len() + 2 == self.top_codes.levels() {
            return self.nearest_free_pair(item, first);
        }
        let residual = self.top_codes.residual(item, first);
        let errors = self.top_codes.squared_errors(&residual, self.top_codes.quantizer(item), first.len());
        let order = ordered(errors.len(), &|a, b| errors[a].total_cmp(&errors[b]));
        order.into_iter().find_map(|code| self.nearest_free(item, &[first, &[code]].concat()))
    }

    fn nearest_free_pair(&self, item: usize, first: &[u32]) -> Option<Move> {
        let key = self.subtree_key(item, first);
        if self.taken.is_full(&key) {
            return None;
        }
        let residual = self.top_codes.residual(item, first);
        let table = self.pair_tables[self.top_codes.quantizer(item)].as_ref()?;
        let (code, last) = table.nearest(self.top_codes, &residual, self.taken.subtree(&key))?;
        let codes = [first, &[code, last]].concat();
        Some(Move { distortion: squared_norm(&self.top_codes.residual(item, &codes)), codes })
    }

    /// Records an item's present codes as taken.
    fn take_codes(&mut self, item: usize) {
        let (key, code) = self.groups.present_subtree(self.top_codes, item);
        self.taken.take(&key, code, self.top_codes.last_code(item));
    }

    /// Key of the subtree of an item whose first codes, all but two, are `first`.
    fn subtree_key(&self, item: usize, first: &[u32]) -> Vec<u32> {
        self.groups.prefix(item, &[first, &[0]].concat())
    }
}
