//! Positions that only number items: they tell items apart, but say nothing about them.

use super::entropy::Grouping;
use crate::base::sort::ordered;

/// Collision rate above which no position can be said to number items; the index has collapsed in any case.
const COLLIDING: f64 = 0.25;
/// Share of the items off the commonest token that must be numbered.
const NUMBERED: f64 = 0.9;
/// Share of the groups that must be smaller than the numbers in use. Where all groups have all of them, as in a tree with
/// equal branches, they may as well be codes.
const UNEVEN: f64 = 0.5;
/// Share of the bits that tell all items apart from which a position alone has them all.
const UNIQUE: f64 = 0.98;
/// How many times the tokens of any other position an item's own number needs.
const TOKENS: usize = 2;

/// The positions, from 0, that number items: within those that have all other tokens in common (TIGER's suffix), or each
/// with a number of its own. None where much collides for all that: numbers tell items apart.
pub(super) fn numbers(columns: &[Grouping], collision_rate: f64) -> Vec<usize> {
    if columns.len() < 2 || collision_rate > COLLIDING {
        return Vec::new();
    }
    let others = all_but_one(columns);
    (0..columns.len()).filter(|&p| is_more_than_codes(columns, p) || is_running_number(&columns[p], &others[p])).collect()
}

/// Items by the tokens of all positions but some.
pub(super) fn without(columns: &[Grouping], left_out: &[usize]) -> Grouping {
    let items = columns.first().map_or(0, |column| column.group_of.len());
    let kept = columns.iter().enumerate().filter(|(p, _)| !left_out.contains(p));
    kept.fold(one_group(items), |groups, (_, column)| groups.refined(column))
}

fn one_group(items: usize) -> Grouping {
    Grouping::new(std::iter::repeat_n((), items))
}

/// For each position, items by the tokens of all others.
fn all_but_one(columns: &[Grouping]) -> Vec<Grouping> {
    let items = columns[0].group_of.len();
    let mut after = vec![one_group(items)];
    for column in columns[1..].iter().rev() {
        after.push(after[after.len() - 1].refined(column));
    }
    let mut before = one_group(items);
    let mut others = Vec::new();
    for (column, after) in columns.iter().zip(after.iter().rev()) {
        others.push(before.refined(after));
        before = before.refined(column);
    }
    others
}

/// Whether a position of this entropy has a token for nearly every item.
pub(super) fn is_own_number(bits: f64, items: usize) -> bool {
    bits >= UNIQUE * (items as f64).log2()
}

/// Whether a position numbers all items and has more tokens than the codes of others.
fn is_more_than_codes(columns: &[Grouping], position: usize) -> bool {
    let column = &columns[position];
    let most = columns.iter().enumerate().filter(|(p, _)| *p != position).map(|(_, c)| c.groups).max().unwrap_or(0);
    column.groups > 1 && column.groups >= TOKENS * most && is_own_number(column.entropy_bits(), column.group_of.len())
}

/// Whether groups of `n` items have the `n` commonest tokens, as running numbers do: the first is in every group, the
/// second in those of two items or more.
fn is_running_number(column: &Grouping, others: &Grouping) -> bool {
    let counts = column.counts();
    let mut rank = vec![0; column.groups];
    let commonest_first = ordered(column.groups, &|a, b| counts[b].cmp(&counts[a]));
    commonest_first.iter().enumerate().for_each(|(place, &token)| rank[token as usize] = place);
    let sizes = others.counts();
    let items =
        || column.group_of.iter().zip(&others.group_of).map(|(&token, &group)| (rank[token as usize], sizes[group as usize]));
    let share = |part: usize, of: usize| part as f64 / of as f64;
    let off = items().filter(|(rank, _)| *rank > 0).count();
    let numbered = items().filter(|(rank, size)| *rank > 0 && rank < size).count();
    let uneven = sizes.iter().filter(|size| **size < column.groups).count();
    off > 0 && share(numbered, off) >= NUMBERED && share(uneven, sizes.len()) >= UNEVEN
}
