//! Which kinds of items went to which experts.

use std::collections::HashMap;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::web::{Items, Tokens};
use crate::base::sort::ordered;
use crate::web::error::{fault, to_object};

/// Kinds that are named, the commonest first.
const KINDS: usize = 7;
/// A category of more items than this says nothing of kinds.
const MOST: f64 = 0.6;

/// Items of one kind by their top expert; the last, without a name, are all other items.
#[derive(Serialize)]
struct Flow<'a> {
    kind: &'a str,
    experts: Vec<u32>,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Items of one kind by their top expert; an empty kind stands for all others. */
export interface Flow { kind: string; experts: number[] }
"#;

#[wasm_bindgen]
impl Items {
    /// Kinds of items and their experts. An item's kind is the commonest of its categories that less than
    /// 60 % of the items have.
    ///
    /// # Errors
    /// Tokens of other items.
    #[wasm_bindgen(unchecked_return_type = "Flow[]")]
    pub fn flow(&self, tokens: &Tokens, experts: usize) -> Result<JsValue, JsValue> {
        let items = self.columns.len();
        if tokens.batch.items != items {
            return Err(fault(format!("{items} items, but tokens of {}", tokens.batch.items)));
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        for item in self.columns.iter() {
            item.categories.names().for_each(|name| *counts.entry(name.clone()).or_default() += 1);
        }
        counts.retain(|_, count| (*count as f64) < MOST * items as f64);
        let mut flows: HashMap<String, Vec<u32>> = HashMap::new();
        for (i, item) in self.columns.iter().enumerate() {
            let known = item.categories.names().filter(|name| counts.contains_key(*name));
            // Of equally common ones the first in the alphabet, so that pictures repeat.
            let kind = known.max_by_key(|name| (counts[*name], std::cmp::Reverse(*name))).cloned().unwrap_or_default();
            if let Some(&expert) = tokens.batch.experts_of(i).first() {
                flows.entry(kind).or_insert_with(|| vec![0; experts])[expert as usize] += 1;
            }
        }
        let mut others = flows.remove("").unwrap_or_else(|| vec![0; experts]);
        let kinds: Vec<(&String, &Vec<u32>)> = flows.iter().collect();
        let total = |i: usize| kinds[i].1.iter().sum::<u32>();
        let order = ordered(kinds.len(), &|a, b| total(b).cmp(&total(a)).then_with(|| kinds[a].0.cmp(kinds[b].0)));
        for &rest in order.iter().skip(KINDS) {
            others.iter_mut().zip(kinds[rest as usize].1).for_each(|(sum, count)| *sum += count);
        }
        let named = order.iter().take(KINDS).map(|&i| Flow { kind: kinds[i as usize].0, experts: kinds[i as usize].1.clone() });
        let flows: Vec<Flow<'_>> = named.chain([Flow { kind: "", experts: others }]).collect();
        Ok(to_object(&flows))
    }
}
