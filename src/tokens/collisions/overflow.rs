//! Overfull groups, which have more items than last codes: which items stay in the group, and where the others move.

use super::assignment;
use super::copies::{Copies, NO_CODE, by_latent};
use super::nearest_pair::{NearestPairs, PairTable};
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

/// A search of one subtree for the copies of an item.
struct Search {
    first: Vec<u32>,
    /// Key of the subtree of codes that begin with `first`.
    subtree: Vec<u32>,
    pairs: NearestPairs,
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
        let split = map_chunks(overfull, 1, |part| part.iter().map(|group| view.split(group, progress)).collect::<Vec<_>>());
        let mut leaving = Vec::new();
        for group in split.into_iter().flatten() {
            let (copies, codes) = group?;
            for (item, code) in copies.items.into_iter().zip(codes) {
                match code {
                    NO_CODE => leaving.push(item as usize),
                    code => self.top_codes.set_last_code(item as usize, code),
                }
            }
        }
        let mut search = None;
        for (i, &item) in leaving.iter().enumerate() {
            if i > 0 && by_latent(self.top_codes, leaving[i - 1], item).is_ne() {
                search = None;
            }
            if let Some(codes) = self.next_free(item, &mut search) {
                self.top_codes.set_codes(item, &codes);
                self.take_codes(item);
            }
            progress.step(1)?;
        }
        Ok(())
    }

    /// The items of a group with the last codes of those that stay, at the least total distortion, that of the items that leave
    /// included.
    fn split(&self, group: &Contended<'_>, progress: &Progress<'_>) -> Result<(Copies, Vec<u32>), Stopped> {
        let copies = Copies::new(self.top_codes, group.items);
        let free = &group.free;
        let candidates = self.candidates(&copies, free, progress)?;
        let mut costs = vec![0.0; free.len() * candidates.len()];
        let mut capacities = Vec::new();
        for (i, &latent) in candidates.iter().enumerate() {
            for (place, cost) in self.costs_of_staying(copies.first(latent), free).into_iter().enumerate() {
                costs[place * candidates.len() + i] = cost;
            }
            capacities.push(copies.count(latent));
        }
        let mut codes = copies.places();
        for (place, i) in assignment::least_cost(&costs, &vec![1; free.len()], &capacities) {
            codes.give(candidates[i], free[place]);
        }
        let codes = codes.codes;
        Ok((copies, codes))
    }

    /// Latents whose items may get a code in a matching of least cost: few of a group that has many more than codes.
    fn candidates(&self, copies: &Copies, free: &[u32], progress: &Progress<'_>) -> Result<Vec<usize>, Stopped> {
        let latents = if free.is_empty() { 0 } else { copies.latents() };
        if latents <= PRUNED_FROM * free.len() {
            progress.step(copies.items.len())?;
            return Ok((0..latents).collect());
        }
        let (mut pruned, mut columns) = (PrunedColumns::new(free.len()), Vec::new());
        for latent in 0..latents {
            let costs = self.costs_of_staying(copies.first(latent), free);
            for _ in 0..copies.count(latent).min(free.len()) {
                pruned.push(&costs);
                columns.push(latent);
            }
            progress.step(copies.count(latent))?;
        }
        let mut kept: Vec<usize> = Vec::new();
        for column in pruned.kept() {
            if kept.last() != Some(&columns[column]) {
                kept.push(columns[column]);
            }
        }
        Ok(kept)
    }

    /// `[free]` an item's distortion with each free last code, less its distortion if it left.
    fn costs_of_staying(&self, item: u32, free: &[u32]) -> Vec<f64> {
        let item = item as usize;
        let distortion = |codes: Vec<u32>| squared_norm(&self.top_codes.residual(item, &codes));
        let leaving = self.next_free(item, &mut None).map_or(NOWHERE, distortion);
        let errors = self.top_codes.last_level_errors(item);
        free.iter().map(|&code| errors[code as usize] - leaving).collect()
    }

    /// The nearest free codes that share as many first codes with the item's own as is possible. A search may go on from one
    /// copy to the next.
    fn next_free(&self, item: usize, search: &mut Option<Search>) -> Option<Vec<u32>> {
        if let Some(codes) = search.as_mut().and_then(|search| self.next_pair(item, search)) {
            return Some(codes);
        }
        let own = self.top_codes.codes(item);
        let kept = (0..self.top_codes.levels().saturating_sub(1)).rev();
        let (found, codes) = kept.into_iter().find_map(|kept| self.nearest_free(item, &own[..kept]))?;
        *search = Some(found);
        Some(codes)
    }

    /// Free codes that begin with `first`. With two levels to choose they are the nearest of all; with more, levels are
    /// chosen greedily until a subtree with a free pair is found.
    fn nearest_free(&self, item: usize, first: &[u32]) -> Option<(Search, Vec<u32>)> {
        let residual = self.top_codes.residual(item, first);
        let quantizer = self.top_codes.quantizer(item);
        if first.len() + 2 == self.top_codes.levels() {
            let subtree = self.groups.prefix(item, &[first, &[0]].concat());
            if self.taken.is_full(&subtree) {
                return None;
            }
            let pairs = self.pair_tables[quantizer].as_ref()?.search(self.top_codes, &residual);
            let mut search = Search { first: first.to_vec(), subtree, pairs };
            let codes = self.next_pair(item, &mut search)?;
            return Some((search, codes));
        }
        let errors = self.top_codes.squared_errors(&residual, quantizer, first.len());
        let order = ordered(errors.len(), &|a, b| errors[a].total_cmp(&errors[b]));
        order.into_iter().find_map(|code| self.nearest_free(item, &[first, &[code]].concat()))
    }

    /// The next free codes of a search.
    fn next_pair(&self, item: usize, search: &mut Search) -> Option<Vec<u32>> {
        let table = self.pair_tables[self.top_codes.quantizer(item)].as_ref()?;
        let (code, last) = search.pairs.next(table, self.top_codes, self.taken.subtree(&search.subtree))?;
        Some([&search.first[..], &[code, last]].concat())
    }

    /// Records an item's present codes as taken.
    fn take_codes(&mut self, item: usize) {
        let (key, code) = self.groups.present_subtree(self.top_codes, item);
        self.taken.take(&key, code, self.top_codes.last_code(item));
    }
}
