//! Prefix purity: whether items that share a prefix share a category.

use std::collections::HashMap;

use serde::Serialize;

use super::entropy::Grouping;
use crate::tokens::Index;

/// Purity at one prefix length.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct PrefixPurity {
    /// Tokens in the prefix; 0 is the whole catalogue as one group: what guessing gives.
    pub prefix: usize,
    /// Different prefixes among the items with a category. With nearly as many as items, purity
    /// is near 1 whatever the tokens say.
    pub groups: usize,
    /// Items with a category.
    pub items: usize,
    /// Share of them whose category is the commonest of their prefix.
    pub purity: f64,
}

/// Purity for every prefix length from 0 on. Items that `category` does not know are left out;
/// empty where it knows none.
pub fn prefix_purity(index: &Index, category: impl Fn(&str) -> Option<String>) -> Vec<PrefixPurity> {
    let known: Vec<(usize, String)> =
        index.ids.iter().enumerate().filter_map(|(item, id)| category(id).map(|name| (item, name))).collect();
    if known.is_empty() {
        return Vec::new();
    }
    let categories = Grouping::new(known.iter().map(|(_, name)| name));
    let at = |length: usize| {
        let prefixes = Grouping::new(known.iter().map(|(item, _)| &index.row(*item)[..length]));
        let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
        prefixes.of.iter().zip(&categories.of).for_each(|(&p, &c)| *counts.entry((p, c)).or_default() += 1);
        let mut most = vec![0; prefixes.groups];
        counts.iter().for_each(|((p, _), &n)| most[*p as usize] = most[*p as usize].max(n));
        let purity = most.iter().sum::<usize>() as f64 / known.len() as f64;
        PrefixPurity { prefix: length, groups: prefixes.groups, items: known.len(), purity }
    };
    (0..=index.width).map(at).collect()
}
