//! What the items of a group have in common that others lack: names for prefixes of codewords.
//!
//! The score is the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi and Quinn
//! ("Fightin' Words", 2008), over the number of items that mention a term: `z = δ/σ` with
//! `δ = log odds(term | group) − log odds(term | others)`, each count raised by the term's share of all
//! items. A term that everyone has, or that only one item has by chance, scores low.

use std::collections::{BTreeSet, HashMap};

use crate::base::sort::ordered;
use crate::catalog::Item;

/// Strength of the prior, in items.
const PRIOR: f64 = 2.0;
/// Scores below this could be chance: about one in twenty.
const SIGNIFICANT: f64 = 1.645;
/// Terms of a name.
const TERMS: usize = 3;

/// The terms of a catalogue's items: words of titles and brands, and category names whole.
#[derive(Debug, Default)]
pub struct Terms {
    vocabulary: Vec<String>,
    /// Items that mention each term.
    frequency: Vec<u32>,
    /// Terms of all items, one item after another.
    of: Vec<u32>,
    /// Where each item's end.
    ends: Vec<u32>,
}

impl Terms {
    /// Collects the terms of items, each once an item.
    pub fn new(items: impl IntoIterator<Item = Item>) -> Self {
        let mut terms = Self::default();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        for item in items {
            for term in terms_of(&item) {
                let number = *numbers.entry(term).or_insert_with_key(|term| {
                    terms.vocabulary.push(term.clone());
                    terms.frequency.push(0);
                    terms.frequency.len() as u32 - 1
                });
                terms.of.push(number);
                terms.frequency[number as usize] += 1;
            }
            terms.ends.push(terms.of.len() as u32);
        }
        terms
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.ends.len()
    }

    /// Up to three terms that set the items of `group` apart from the rest of `among`, the most telling first.
    /// `group` is a part of `among`; nothing is found for a group that is all of it.
    pub fn name(&self, group: &[u32], among: &[u32]) -> Vec<&str> {
        let inside = self.count(group);
        let around = if among.len() == self.ends.len() { None } else { Some(self.count(among)) };
        let others = (among.len() - group.len()) as f64;
        if others == 0.0 || group.is_empty() {
            return Vec::new();
        }
        let mut scored: Vec<(f64, u32)> = Vec::new();
        for (&term, &within) in &inside {
            let all = around.as_ref().map_or(self.frequency[term as usize], |counts| counts[&term]);
            let share = PRIOR * f64::from(all) / among.len() as f64;
            let score = log_odds(f64::from(within), group.len() as f64, f64::from(all - within), others, share);
            if score > SIGNIFICANT {
                scored.push((score, term));
            }
        }
        // Of equal scores the term that came first in the file: names repeat from run to run.
        let order = ordered(scored.len(), &|a, b| scored[b].0.total_cmp(&scored[a].0).then(scored[a].1.cmp(&scored[b].1)));
        let mut names: Vec<&str> = Vec::new();
        for place in order {
            let term = self.vocabulary[scored[place as usize].1 as usize].as_str();
            if names.len() < TERMS && !names.iter().any(|name| name.contains(term) || term.contains(name)) {
                names.push(term);
            }
        }
        names
    }

    /// Items of `group` that mention each term.
    fn count(&self, group: &[u32]) -> HashMap<u32, u32> {
        let mut counts = HashMap::new();
        for &item in group {
            let item = item as usize;
            let start = item.checked_sub(1).map_or(0, |before| self.ends[before]);
            for &term in &self.of[start as usize..self.ends[item] as usize] {
                *counts.entry(term).or_default() += 1;
            }
        }
        counts
    }
}

/// `z` of a term that `a` of `n` items mention, and `b` of `m` others; `prior` is split as the term is.
fn log_odds(a: f64, n: f64, b: f64, m: f64, prior: f64) -> f64 {
    let (a, b) = (a + prior, b + prior);
    let (not_a, not_b) = (n + PRIOR - a, m + PRIOR - b);
    // A term of every item has nothing left on the other side but the prior, which may be zero.
    let odds = (a / not_a.max(1e-9)).ln() - (b / not_b.max(1e-9)).ln();
    odds / (1.0 / a + 1.0 / b).sqrt()
}

/// Words of three letters or more from title and brand, and category names whole, in lower case.
///
/// In the alphabet's order: a hash's order would number them otherwise in every run.
fn terms_of(item: &Item) -> BTreeSet<String> {
    let words = [&item.title, &item.brand].into_iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '\''));
    let words = words.filter(|word| word.chars().count() > 2 && word.chars().any(char::is_alphabetic));
    words.chain(item.categories.names().map(String::as_str)).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Categories;

    fn item(title: &str, category: &str) -> Item {
        Item { title: title.into(), categories: Categories::Tags(vec![category.into()]), ..Item::default() }
    }

    #[test]
    fn a_group_is_named_by_what_others_lack() {
        let teapots = (0..20).map(|i| item(&format!("The blue teapot number {i}"), "Kitchen"));
        let lamps = (0..60).map(|i| item(&format!("The brass lamp number {i}"), "Light"));
        let terms = Terms::new(teapots.chain(lamps));
        let all: Vec<u32> = (0..80).collect();
        let mut name = terms.name(&all[..20], &all);
        name.sort_unstable();
        assert_eq!(name, ["blue", "kitchen", "teapot"]);
        // Common words and numbers of single items say nothing.
        assert!(terms.name(&all, &all).is_empty());
        assert!(terms.name(&[], &all).is_empty());
        // Within the lamps, nothing sets the first ten apart.
        assert!(terms.name(&all[20..30], &all[20..]).is_empty());
    }
}
