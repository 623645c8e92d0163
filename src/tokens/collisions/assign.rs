//! The policy `assign`: last codes matched one to one with items, at the least added distortion.
//!
//! A *group* is the set of items that are equal up to the top expert's last code. Within a group, items are matched one to
//! one with last codes at the least total squared error. Where a group has more items than codes, the items that lose
//! least by it get two other last codes: the best free pair is the smallest sum of two rows of a table
//! ([`nearest_pair`](super::nearest_pair)), which codes are taken is one bit each ([`taken_codes`](super::taken_codes)), and
//! in a very large group only items that could matter enter the matching ([`pruned_columns`](super::pruned_columns)). Groups
//! without a collision are left alone.

use super::assignment;
use super::overflow::Overflow;
use super::prefix_groups::PrefixGroups;
use super::progress::{Progress, Stopped, Watch};
use super::top_codes::TopCodes;
use crate::base::parallel::map_chunks;
use crate::tokens::Schema;

/// Resolves every collision for which there is a free codeword.
///
/// # Errors
/// The watcher asked to stop; some of the codes are then already re-assigned.
pub fn run(top_codes: &mut TopCodes<'_>, schema: &Schema, watch: Watch<'_>) -> Result<(), Stopped> {
    let groups = PrefixGroups::new(top_codes, schema);
    let codes = top_codes.codes_per_level();
    let (fitting, overfull): (Vec<&[u32]>, Vec<&[u32]>) =
        groups.with_collision(top_codes).into_iter().partition(|group| group.len() <= codes);
    let items = |groups: &[&[u32]]| groups.iter().map(|group| group.len()).sum::<usize>();
    // An item of an overfull group counts once for the matching, and again if it then needs another pair of codes.
    let progress = Progress::new(watch, items(&fitting) + 2 * items(&overfull) - overfull.len() * codes);
    let view = &*top_codes;
    let solved =
        map_chunks(&fitting, 16, |part| part.iter().map(|group| match_codes(view, group, &progress)).collect::<Vec<_>>());
    for (group, codes) in fitting.iter().zip(solved.into_iter().flatten()) {
        group.iter().zip(codes?).for_each(|(&item, code)| top_codes.set_last_code(item as usize, code));
    }
    if overfull.is_empty() {
        return Ok(());
    }
    Overflow::new(top_codes, &groups, &overfull).run(&overfull, &progress)
}

/// Last codes for the items of a group that has at least as many codes as items.
fn match_codes(top_codes: &TopCodes<'_>, group: &[u32], progress: &Progress<'_>) -> Result<Vec<u32>, Stopped> {
    progress.step(group.len())?;
    let costs: Vec<f64> = group.iter().flat_map(|&item| top_codes.last_level_errors(item as usize)).collect();
    let codes = assignment::least_cost(&costs, group.len(), top_codes.codes_per_level());
    Ok(codes.into_iter().map(|code| code as u32).collect())
}
