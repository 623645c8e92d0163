//! Items with one latent. Every search and every cost is the same for them, so it is done once.

use std::cmp::Ordering;

use super::top_codes::TopCodes;
use crate::base::sort::{ordered, sort};

/// Stands for the last code of an item that gets none.
pub const NO_CODE: u32 = u32::MAX;

/// Items of a group, those with one latent beside each other, in the order of the first item of each latent.
pub struct Copies {
    pub items: Vec<u32>,
    /// `[latents + 1]` where those of each latent begin, and the end.
    starts: Vec<usize>,
}

impl Copies {
    /// The items of a group, which are ascending.
    pub fn new(top_codes: &TopCodes<'_>, items: &[u32]) -> Self {
        let mut sorted = items.to_vec();
        sort(&mut sorted, &|a, b| by_latent(top_codes, a, b));
        let mut firsts = sorted.clone();
        for i in 1..sorted.len() {
            if by_latent(top_codes, sorted[i - 1] as usize, sorted[i] as usize).is_eq() {
                firsts[i] = firsts[i - 1];
            }
        }
        let mut starts = Vec::new();
        let mut order = ordered(sorted.len(), &|a, b| firsts[a].cmp(&firsts[b]));
        for (at, i) in order.iter_mut().enumerate() {
            let place = *i as usize;
            *i = sorted[place];
            if firsts[place] == *i {
                starts.push(at);
            }
        }
        starts.push(order.len());
        Self { items: order, starts }
    }

    /// How many latents there are.
    pub fn latents(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many items have a latent.
    pub fn count(&self, latent: usize) -> usize {
        self.starts[latent + 1] - self.starts[latent]
    }

    /// The first item with a latent.
    pub fn first(&self, latent: usize) -> u32 {
        self.items[self.starts[latent]]
    }

    /// Last codes of the items, none given yet.
    pub fn places(&self) -> Places {
        Places { codes: vec![NO_CODE; self.items.len()], next: self.starts.clone() }
    }
}

/// Last codes that are given to the items of a group.
pub struct Places {
    /// `[items]`.
    pub codes: Vec<u32>,
    /// The next item of each latent.
    next: Vec<usize>,
}

impl Places {
    /// Gives a code to the next item with a latent.
    pub fn give(&mut self, latent: usize, code: u32) {
        self.codes[self.next[latent]] = code;
        self.next[latent] += 1;
    }
}

/// Compares the latents of two items.
pub fn by_latent(top_codes: &TopCodes<'_>, a: usize, b: usize) -> Ordering {
    for (a, b) in top_codes.z(a).iter().zip(top_codes.z(b)) {
        let order = a.total_cmp(b);
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
