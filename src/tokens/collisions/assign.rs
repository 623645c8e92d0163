//! The policy `assign`: last codes matched one to one with items, at the least added distortion.
//!
//! A *group* is the set of items that are equal up to the top expert's last code. Within a group, items are matched one to
//! one with last codes at the least total squared error. Where a group has more items than codes, the items that lose
//! least by it get two other last codes: the best free pair is the smallest sum of two rows of a table
//! ([`nearest_pair`](super::nearest_pair)), which codes are taken is one bit each ([`taken_codes`](super::taken_codes)), and
//! in a very large group only items that could matter enter the matching ([`pruned_columns`](super::pruned_columns)). Items with
//! one latent are looked up once ([`copies`](super::copies)). Groups
//! without a collision are left alone. Where other items have codewords already, their places count as taken, and a group has
//! as many last codes as are left.

use std::collections::HashSet;

use super::assignment;
use super::copies::Copies;
use super::crowding::published_items;
use super::overflow::Overflow;
use super::prefix_groups::{Contended, PrefixGroups};
use super::progress::{Progress, Stopped, Watch};
use super::taken_codes::TakenCodes;
use super::top_codes::TopCodes;
use crate::base::parallel::map_chunks;
use crate::tokens::{Codewords, Schema};

/// Resolves every collision for which there is a free codeword; no item gets one of `published`.
///
/// # Errors
/// The watcher asked to stop; some of the codes are then already re-assigned.
pub fn run(top_codes: &mut TopCodes<'_>, schema: &Schema, published: &Codewords, watch: Watch<'_>) -> Result<(), Stopped> {
    let groups = PrefixGroups::new(top_codes, schema);
    // Few items beside many: what they could want at first are places in their own subtrees.
    let own: HashSet<Vec<u32>> = match published_items(published) {
        0 => HashSet::new(),
        _ => groups.all().map(|group| groups.present_subtree(top_codes, group[0] as usize).0).collect(),
    };
    let taken = TakenCodes::of(published, schema, top_codes.codes_per_level(), |key| own.contains(key));
    let (fitting, overfull): (Vec<Contended<'_>>, Vec<Contended<'_>>) =
        groups.with_collision(top_codes, &taken).into_iter().partition(|group| group.items.len() <= group.free.len());
    let items = |groups: &[Contended<'_>]| groups.iter().map(|group| group.items.len()).sum::<usize>();
    let free: usize = overfull.iter().map(|group| group.free.len()).sum();
    // An item of an overfull group counts once for the matching, and again if it then needs another pair of codes.
    let progress = Progress::new(watch, items(&fitting) + 2 * items(&overfull) - free);
    let view = &*top_codes;
    let solved =
        map_chunks(&fitting, 16, |part| part.iter().map(|group| match_codes(view, group, &progress)).collect::<Vec<_>>());
    for group in solved.into_iter().flatten() {
        let (copies, codes) = group?;
        copies.items.iter().zip(codes).for_each(|(&item, code)| top_codes.set_last_code(item as usize, code));
    }
    if overfull.is_empty() {
        return Ok(());
    }
    let taken = TakenCodes::of(published, schema, top_codes.codes_per_level(), |_| true);
    Overflow::new(top_codes, &groups, &overfull, taken).run(&overfull, &progress)
}

/// The items of a group, which has at least as many free codes as items, with their last codes.
fn match_codes(top_codes: &TopCodes<'_>, group: &Contended<'_>, progress: &Progress<'_>) -> Result<(Copies, Vec<u32>), Stopped> {
    let Contended { items, free } = group;
    progress.step(items.len())?;
    let copies = Copies::new(top_codes, items);
    let (mut costs, mut demands) = (Vec::new(), Vec::new());
    for latent in 0..copies.latents() {
        let errors = top_codes.last_level_errors(copies.first(latent) as usize);
        free.iter().for_each(|&code| costs.push(errors[code as usize]));
        demands.push(copies.count(latent));
    }
    let mut codes = copies.places();
    for (latent, place) in assignment::least_cost(&costs, &demands, &vec![1; free.len()]) {
        codes.give(latent, free[place]);
    }
    let codes = codes.codes;
    Ok((copies, codes))
}
