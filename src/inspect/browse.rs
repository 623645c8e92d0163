//! Looking through the items: search, order, and those that begin alike.

use std::str::FromStr;

use wasm_bindgen::prelude::*;

use crate::web::{Index, Items, Tokens};
use crate::base::sort::ordered;
use crate::web::error::fault;

/// How a list of items is ordered.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// As in the file.
    File,
    /// The closest calls first.
    Close,
    /// What the codes explain least first.
    Left,
    /// The largest groups of one codeword first, each together.
    Shared,
}

impl FromStr for Order {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "file" => Ok(Self::File),
            "close" => Ok(Self::Close),
            "left" => Ok(Self::Left),
            "shared" => Ok(Self::Shared),
            _ => Err(format!("no order of items is called {name:?}: file, close, left or shared")),
        }
    }
}

#[wasm_bindgen]
impl Index {
    /// Numbers of the items that have every word of `query` in their id, title, brand or categories, and,
    /// where `like` names an item, its expert and its first `depth` tokens, in an order: `file`, `close` (calls),
    /// `left` (unexplained) or `shared` (codewords).
    ///
    /// # Errors
    /// An unknown order, or items and tokens that are not this index's.
    pub fn browse(
        &self,
        items: &Items,
        tokens: &Tokens,
        query: &str,
        order: &str,
        like: Option<u32>,
        depth: usize,
    ) -> Result<Vec<u32>, JsValue> {
        let order: Order = order.parse().map_err(fault)?;
        self.check(items)?;
        if tokens.batch.items != items.columns.len() {
            return Err(fault(format!("{} items, but tokens of {}", items.columns.len(), tokens.batch.items)));
        }
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let like = like.map(|item| item as usize).filter(|&item| item < items.columns.len());
        let chosen = (0..items.columns.len()).filter(|&i| {
            like.is_none_or(|other| self.begin_alike(tokens, i, other, depth))
                && (words.is_empty() || items.columns.get(i).mentions(&words))
        });
        Ok(self.arranged(chosen.map(|i| i as u32).collect(), tokens, order))
    }
}

impl Index {
    /// The same expert and the same first `depth` tokens: codes of two experts have nothing in common.
    pub(super) fn begin_alike(&self, tokens: &Tokens, a: usize, b: usize, depth: usize) -> bool {
        let expert = |i: usize| tokens.batch.experts_of(i).first();
        let depth = depth.min(self.codewords.width());
        expert(a) == expert(b) && self.codewords.row(a)[..depth] == self.codewords.row(b)[..depth]
    }

    fn arranged(&self, chosen: Vec<u32>, tokens: &Tokens, order: Order) -> Vec<u32> {
        // One number an item, so that one sort serves every order: the least comes first.
        let keys: Vec<u64> = match order {
            Order::File => return chosen,
            Order::Close => tokens.closest().into_iter().map(rising).collect(),
            Order::Left => tokens.left().into_iter().map(|left| u64::MAX - rising(left)).collect(),
            Order::Shared => {
                // Larger groups first; the place among sorted codewords keeps a group together.
                let mut keys: Vec<u64> = self.buckets().into_iter().map(|size| u64::from(u32::MAX - size) << 32).collect();
                self.codewords.sorted().into_iter().zip(0..).for_each(|(item, place)| keys[item as usize] += place);
                keys
            }
        };
        let key = |place: usize| keys[chosen[place] as usize];
        ordered(chosen.len(), &|a, b| key(a).cmp(&key(b))).into_iter().map(|place| chosen[place as usize]).collect()
    }
}

/// A number of the same order as a float that is not negative.
fn rising(value: f32) -> u64 {
    u64::from(value.max(0.0).to_bits())
}
