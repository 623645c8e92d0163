//! Last-level one-to-one re-assignment at least added distortion, within capacity.
//!
//! A *group* is a set of items whose codewords differ in the last code of the top expert only. In
//! a group with a collision, items and last-level codes are matched at least total squared error.
//! Where a group has more items than codes, those that lose least by it move to another prefix
//! with a free code. Items of groups without a collision are never touched.

use super::assignment;
use super::overflow::Overflow;
use super::prefix_groups::Groups;
use super::progress::{Progress, Stopped, Watch};
use super::top_codes::Chains;
use crate::base::parallel::map_chunks;
use crate::tokens::Schema;

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

/// Last-level codes of a group that fits.
fn match_codes(chains: &Chains<'_>, group: &[u32], progress: &Progress<'_>) -> Result<Vec<u32>, Stopped> {
    progress.step(group.len())?;
    let costs: Vec<f64> = group.iter().flat_map(|&item| chains.last_errors(item as usize)).collect();
    Ok(assignment::least_cost(&costs, group.len(), chains.codes()).into_iter().map(|code| code as u32).collect())
}
