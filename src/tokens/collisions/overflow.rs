//! Groups with more items than codes: who stays, and where the others go.

use super::assignment;
use super::nearest_pair::Pairs;
use super::prefix_groups::Groups;
use super::progress::{Progress, Stopped};
use super::pruned_columns::Thinned;
use super::taken_codes::Places;
use super::top_codes::{Chains, squared_length};
use crate::base::parallel::map_chunks;
use crate::base::sort::ordered;

/// Stands for a cost that cannot be paid.
const NEVER: f64 = 1e30;
/// Items a code above which a group is thinned out before the matching.
const CROWD: usize = 4;

/// Moves of the items that do not fit.
pub struct Overflow<'a, 'b> {
    chains: &'a mut Chains<'b>,
    groups: &'a Groups,
    places: Places,
    /// By quantizer, of those that overflow.
    pairs: Vec<Option<Pairs>>,
}

/// A chain and what it leaves: `‖z − Σ codes‖²`.
type Found = (f64, Vec<u32>);

impl<'a, 'b> Overflow<'a, 'b> {
    /// Takes note of what is taken; every overfull group takes all codes of its prefix.
    pub fn new(chains: &'a mut Chains<'b>, groups: &'a Groups, overfull: &[&[u32]]) -> Self {
        let mut pairs: Vec<Option<Pairs>> = (0..chains.model.config.model.quantizers()).map(|_| None).collect();
        let places = Places::new(chains.codes());
        let mut new = Self { chains, groups, places, pairs: Vec::new() };
        if new.chains.levels() > 1 {
            groups.all().flatten().for_each(|&item| new.take(item as usize));
            for group in overfull {
                let (item, quantizer) = (group[0] as usize, new.chains.quantizer(group[0] as usize));
                pairs[quantizer].get_or_insert_with(|| Pairs::new(new.chains, quantizer));
                let (branch, code) = new.own_place(item);
                (0..new.chains.codes() as u32).for_each(|last| new.places.take(branch.clone(), code, last));
            }
        }
        new.pairs = pairs;
        new
    }

    /// Gives each code of a group to one item, and the others a place elsewhere while there are any.
    ///
    /// # Errors
    /// The watcher said stop.
    pub fn run(mut self, overfull: &[&[u32]], progress: &Progress<'_>) -> Result<(), Stopped> {
        let view = &self;
        let stayers = map_chunks(overfull, 1, |part| part.iter().map(|group| view.stayers(group, progress)).collect::<Vec<_>>());
        let mut leaving = Vec::new();
        for (group, stayers) in overfull.iter().zip(stayers.into_iter().flatten()) {
            let mut leaves = vec![true; group.len()];
            for (code, i) in stayers?.into_iter().enumerate() {
                leaves[i] = false;
                self.chains.set_last(group[i] as usize, code as u32);
            }
            leaving.extend(group.iter().zip(leaves).filter(|(_, leaves)| *leaves).map(|(&item, _)| item as usize));
        }
        for item in leaving {
            if let Some((_, codes)) = self.elsewhere(item) {
                self.chains.set_chain(item, &codes);
                self.take(item);
            }
            progress.step(1)?;
        }
        Ok(())
    }

    /// The item of a group that each code goes to, weighing what the others lose by leaving.
    fn stayers(&self, group: &[u32], progress: &Progress<'_>) -> Result<Vec<usize>, Stopped> {
        let codes = self.chains.codes();
        let candidates = self.candidates(group, progress)?;
        let mut costs = vec![0.0; codes * candidates.len()];
        for (i, &candidate) in candidates.iter().enumerate() {
            let own = self.costs_of_staying(group[candidate]);
            (0..).zip(own).for_each(|(code, cost): (usize, f64)| costs[code * candidates.len() + i] = cost);
        }
        let chosen = assignment::least_cost(&costs, codes, candidates.len());
        Ok(chosen.into_iter().map(|i| candidates[i]).collect())
    }

    /// Which items of a group can be a code's in a matching of least cost: of a crowd, few.
    fn candidates(&self, group: &[u32], progress: &Progress<'_>) -> Result<Vec<usize>, Stopped> {
        let codes = self.chains.codes();
        if group.len() <= CROWD * codes {
            progress.step(group.len())?;
            return Ok((0..group.len()).collect());
        }
        let mut thinned = Thinned::new(codes);
        for &item in group {
            thinned.push(self.costs_of_staying(item));
            progress.step(1)?;
        }
        Ok(thinned.columns())
    }

    /// What each last code costs an item, less what leaving does.
    fn costs_of_staying(&self, item: u32) -> impl Iterator<Item = f64> + use<> {
        let leave = self.elsewhere(item as usize).map_or(NEVER, |found| found.0);
        self.chains.last_errors(item as usize).into_iter().map(move |error| error - leave)
    }

    /// The nearest free chain that shares as many codes with the item's own as it can.
    fn elsewhere(&self, item: usize) -> Option<Found> {
        let own = self.chains.chain(item);
        (0..self.chains.levels().saturating_sub(1)).rev().find_map(|kept| self.nearest_free(item, &own[..kept]))
    }

    /// A free chain that begins with `codes`: of all of them the nearest where two levels are
    /// open, otherwise the first one found going by nearest code.
    fn nearest_free(&self, item: usize, codes: &[u32]) -> Option<Found> {
        if codes.len() + 2 == self.chains.levels() {
            return self.nearest_of_two(item, codes);
        }
        let residual = self.chains.residual(item, codes);
        let errors = self.chains.errors(&residual, self.chains.quantizer(item), codes.len());
        let order = ordered(errors.len(), &|a, b| errors[a].total_cmp(&errors[b]));
        order.into_iter().find_map(|code| self.nearest_free(item, &[codes, &[code]].concat()))
    }

    fn nearest_of_two(&self, item: usize, codes: &[u32]) -> Option<Found> {
        let branch = self.branch(item, codes);
        if self.places.is_full(&branch) {
            return None;
        }
        let residual = self.chains.residual(item, codes);
        let pairs = self.pairs[self.chains.quantizer(item)].as_ref()?;
        let (code, last) = pairs.nearest(self.chains, &residual, self.places.branch(&branch))?;
        let found = [codes, &[code, last]].concat();
        Some((squared_length(&self.chains.residual(item, &found)), found))
    }

    /// Takes the place that an item has.
    fn take(&mut self, item: usize) {
        let (branch, code) = self.own_place(item);
        let last = *self.chains.chain(item).last().expect("a chain has at least one code");
        self.places.take(branch, code, last);
    }

    /// Branch of an item, and its code behind it, of two levels or more.
    fn own_place(&self, item: usize) -> (Vec<u32>, u32) {
        let chain = self.chains.chain(item);
        let kept = chain.len() - 2;
        (self.branch(item, &chain[..kept]), chain[kept])
    }

    /// The prefix of an item with two levels open.
    fn branch(&self, item: usize, codes: &[u32]) -> Vec<u32> {
        self.groups.prefix(item, &[codes, &[0]].concat())
    }
}
