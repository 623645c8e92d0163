//! Prefix purity: whether items with the same prefix have the same category.

use std::collections::HashMap;

use serde::Serialize;

use super::entropy::Grouping;
use crate::tokens::Index;

/// Purity at one prefix length.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct PrefixPurity {
    /// Tokens in the prefix. With 0, the whole catalogue is one group, and purity is that of guessing.
    pub prefix: usize,
    /// Different prefixes among the items with a category. If there are nearly as many as items, purity is near 1 whatever
    /// the tokens are.
    pub groups: usize,
    /// Items with a category.
    pub items: usize,
    /// Share of them whose category is the commonest of their prefix.
    pub purity: f64,
}

/// Purity for every prefix length from 0 on, over the items for which `category` gives one; empty where there is no such item.
pub fn prefix_purity(index: &Index, category: impl Fn(&str) -> Option<String>) -> Vec<PrefixPurity> {
    let labelled: Vec<(usize, String)> =
        index.ids.iter().enumerate().filter_map(|(item, id)| category(id).map(|name| (item, name))).collect();
    if labelled.is_empty() {
        return Vec::new();
    }
    let categories = Grouping::new(labelled.iter().map(|(_, name)| name));
    let purity_at = |length: usize| {
        let prefixes = Grouping::new(labelled.iter().map(|(item, _)| &index.row(*item)[..length]));
        let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
        prefixes.group_of.iter().zip(&categories.group_of).for_each(|(&p, &c)| *counts.entry((p, c)).or_default() += 1);
        let mut commonest = vec![0; prefixes.groups];
        counts.iter().for_each(|((p, _), &n)| commonest[*p as usize] = commonest[*p as usize].max(n));
        let purity = commonest.iter().sum::<usize>() as f64 / labelled.len() as f64;
        PrefixPurity { prefix: length, groups: prefixes.groups, items: labelled.len(), purity }
    };
    (0..=index.width).map(purity_at).collect()
}
