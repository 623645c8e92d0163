//! Which kinds of items went to which experts.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::InspectError;
use crate::base::sort::ordered;
use crate::catalog::{Columns, Item};
use crate::engine::Tokenized;

/// Kinds that are named, the commonest first.
const KINDS: usize = 7;
/// A category of this share of the items or more says nothing of kinds.
const COMMON: f64 = 0.6;

/// Items of one kind by their top expert. The last of a list has an empty name and stands for all other items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Flow {
    /// The kind's name.
    pub kind: String,
    /// `[experts]` number of items.
    pub experts: Vec<u32>,
}

/// Kinds of items and their experts, the commonest kinds first. An item's kind is the commonest of its categories that
/// less than 60 % of the items have.
///
/// # Errors
/// Tokens of other items.
pub fn flow(items: &Columns, batch: &Tokenized, experts: usize) -> Result<Vec<Flow>, InspectError> {
    if batch.items != items.len() {
        return Err(InspectError::Tokens { items: items.len(), tokenized: batch.items });
    }
    let telling = telling_categories(items);
    let mut flows: HashMap<String, Vec<u32>> = HashMap::new();
    for (i, item) in items.iter().enumerate() {
        if let Some(&expert) = batch.experts_of(i).first() {
            flows.entry(kind(&item, &telling)).or_insert_with(|| vec![0; experts])[expert as usize] += 1;
        }
    }
    let mut others = flows.remove("").unwrap_or_else(|| vec![0; experts]);
    let kinds: Vec<Flow> = flows.into_iter().map(|(kind, experts)| Flow { kind, experts }).collect();
    let total = |i: usize| kinds[i].experts.iter().sum::<u32>();
    let order = ordered(kinds.len(), &|a, b| total(b).cmp(&total(a)).then_with(|| kinds[a].kind.cmp(&kinds[b].kind)));
    let (named, rest) = order.split_at(order.len().min(KINDS));
    for &i in rest {
        others.iter_mut().zip(&kinds[i as usize].experts).for_each(|(sum, count)| *sum += count);
    }
    let named = named.iter().map(|&i| kinds[i as usize].clone());
    Ok(named.chain([Flow { kind: String::new(), experts: others }]).collect())
}

/// The kind of each item, as in [`flow`]; empty where it has none.
pub fn kinds(items: &Columns) -> Vec<String> {
    let telling = telling_categories(items);
    items.iter().map(|item| kind(&item, &telling)).collect()
}

/// Categories that tell kinds apart, and how many items have each.
fn telling_categories(items: &Columns) -> HashMap<String, usize> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for item in items.iter() {
        item.categories.names().for_each(|name| *counts.entry(name.clone()).or_default() += 1);
    }
    counts.retain(|_, count| (*count as f64) < COMMON * items.len() as f64);
    counts
}

/// The commonest of an item's telling categories; empty where it has none.
fn kind(item: &Item, telling: &HashMap<String, usize>) -> String {
    let names = item.categories.names().filter(|name| telling.contains_key(*name));
    // Of equally common ones the first in the alphabet, so that pictures repeat.
    names.max_by_key(|name| (telling[*name], Reverse(*name))).cloned().unwrap_or_default()
}
