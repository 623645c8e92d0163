//! A prefix of codewords, explained: what the items that begin alike have in common, and how they go on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Indexed, InspectError, Terms};
use crate::base::sort::ordered;
use crate::tokens::Position;

/// Continuations that are named, the commonest first.
const CHILDREN: usize = 12;
/// Items shown of a prefix.
const EXAMPLES: usize = 4;

/// Items that begin alike: their codewords are those of `item` up to `depth`, under the same expert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct PrefixNode<'a> {
    /// One of them.
    pub item: u32,
    /// Tokens of the prefix; at 0 the expert alone is common.
    pub depth: usize,
    /// Number of items.
    pub items: usize,
    /// Terms that set them apart from the others of the prefix before; see [`Terms::name`].
    pub terms: Vec<&'a str>,
    /// The first few items.
    pub examples: Vec<u32>,
}

/// A prefix and how it goes on; without `item` it is the root, which goes on with the experts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct Prefix<'a> {
    /// None at the root, where all items are.
    pub node: Option<PrefixNode<'a>>,
    /// Continuations, those of most items first.
    pub children: Vec<PrefixNode<'a>>,
    /// Continuations that are not named.
    pub more: usize,
    /// Their items.
    pub more_items: usize,
}

/// Explains the prefix that `like` names, an item and a depth: the first tokens of the item under its expert. The root
/// without it. `terms` are those of the items.
///
/// # Errors
/// No such item.
pub fn prefix<'a>(terms: &'a Terms, indexed: &Indexed<'_>, like: Option<(usize, usize)>) -> Result<Prefix<'a>, InspectError> {
    indexed.expect_items(terms.items())?;
    let items = indexed.items();
    if let Some((item, _)) = like.filter(|&(item, _)| item >= items) {
        return Err(InspectError::Item { item, items });
    }
    let alike = |other: usize, depth: usize| -> Vec<u32> {
        (0..items as u32).filter(|&item| indexed.begin_alike(item as usize, other, depth)).collect()
    };
    let all = || (0..items as u32).collect::<Vec<u32>>();
    let group = like.map_or_else(all, |(item, depth)| alike(item, depth));
    // A prefix is named against the one before it: that its items are cosmetics the reader knows by then.
    let before = match like {
        Some((item, depth)) if depth > 0 => alike(item, shorter(indexed, depth)),
        _ => all(),
    };
    let (next, groups) = continuations(indexed, &group, like.map(|(_, depth)| depth));
    let rest = groups.get(CHILDREN..).unwrap_or_default();
    Ok(Prefix {
        node: like.map(|(_, depth)| node(terms, depth, &group, &before)),
        more: rest.len(),
        more_items: rest.iter().map(Vec::len).sum(),
        children: groups.iter().take(CHILDREN).map(|child| node(terms, next, child, &group)).collect(),
    })
}

/// The items of `group`, which has some, named by what sets them apart from the others of `among`.
fn node<'a>(terms: &'a Terms, depth: usize, group: &[u32], among: &[u32]) -> PrefixNode<'a> {
    PrefixNode {
        item: group[0],
        depth,
        items: group.len(),
        terms: terms.name(group, among),
        examples: group.iter().copied().take(EXAMPLES).collect(),
    }
}

/// Depth of the continuations of a prefix, and the items of each, the largest first; `depth` is none at the root.
fn continuations(indexed: &Indexed<'_>, group: &[u32], depth: Option<usize>) -> (usize, Vec<Vec<u32>>) {
    // The root goes on with the experts, if the model has any.
    let (next, label): (usize, &dyn Fn(usize) -> Option<u32>) = match depth {
        None if indexed.schema.has_experts() => (0, &|item| indexed.expert(item)),
        depth => {
            let from = depth.unwrap_or(0);
            let Some(position) = (from..indexed.codewords.width()).find(|&p| !repeats_expert(indexed, p)) else {
                return (0, Vec::new());
            };
            (position + 1, &move |item| Some(indexed.codewords.row(item)[position]))
        }
    };
    let mut groups: BTreeMap<Option<u32>, Vec<u32>> = BTreeMap::new();
    group.iter().for_each(|&item| groups.entry(label(item as usize)).or_default().push(item));
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    let order = ordered(groups.len(), &|a, b| groups[b].len().cmp(&groups[a].len()));
    (next, order.into_iter().map(|group| std::mem::take(&mut groups[group as usize])).collect())
}

/// Whether a position only repeats the top expert, which every prefix begins with.
fn repeats_expert(indexed: &Indexed<'_>, position: usize) -> bool {
    matches!(indexed.schema.positions.get(position), Some(Position::Expert { rank: 0 }))
}

/// Depth of the prefix before one of `depth`.
fn shorter(indexed: &Indexed<'_>, depth: usize) -> usize {
    (0..depth).rev().find(|&p| p == 0 || !repeats_expert(indexed, p - 1)).unwrap_or(0)
}
