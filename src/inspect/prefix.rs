//! A code, explained: what the items that begin alike have in common, and how they go on.

use std::collections::BTreeMap;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::web::{Index, Items, Tokens};
use crate::base::sort::ordered;
use crate::tokens::Position;
use crate::web::error::{fault, to_object};

/// Continuations that are named, the commonest first.
const CHILDREN: usize = 12;
/// Items shown of a prefix.
const EXAMPLES: usize = 4;

/// Items that begin alike.
#[derive(Serialize)]
struct Node<'a> {
    /// One of them: the prefix is its first `depth` tokens, under its expert.
    item: u32,
    depth: usize,
    items: usize,
    /// Terms that set them apart from the others of the prefix before; see [`crate::inspect::Terms`].
    terms: Vec<&'a str>,
    examples: Vec<u32>,
}

/// A prefix and what may follow it.
#[derive(Serialize)]
struct Prefix<'a> {
    /// Nothing at the root, where all items are.
    #[serde(flatten)]
    node: Option<Node<'a>>,
    children: Vec<Node<'a>>,
    /// Continuations that are not named, and their items.
    more: usize,
    #[serde(rename = "moreItems")]
    more_items: usize,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** Items whose codewords begin as that of `item` up to `depth`, under the same expert. */
export interface PrefixNode { item: number; depth: number; items: number; terms: string[]; examples: number[] }
/** A prefix and how it goes on; without `item` it is the root, which goes on with the experts. */
export interface Prefix extends Partial<PrefixNode> { children: PrefixNode[]; more: number; moreItems: number }
"#;

#[wasm_bindgen]
impl Index {
    /// Explains the prefix that is the first `depth` tokens of item `like` under its expert; the root without `like`.
    ///
    /// # Errors
    /// Items and tokens that are not this index's, or no such item.
    #[wasm_bindgen(unchecked_return_type = "Prefix")]
    pub fn prefix(&self, items: &Items, tokens: &Tokens, like: Option<u32>, depth: usize) -> Result<JsValue, JsValue> {
        self.check(items)?;
        let count = items.columns.len() as u32;
        if let Some(item) = like.filter(|&item| item >= count) {
            return Err(fault(format!("there is no item {item} among {count}")));
        }
        let all: Vec<u32> = (0..count).collect();
        let terms = items.terms();
        let begin = |other: u32, depth| move |item: &u32| self.begin_alike(tokens, *item as usize, other as usize, depth);
        let group: Vec<u32> = like.map_or_else(|| all.clone(), |like| all.iter().copied().filter(begin(like, depth)).collect());
        // A prefix is named against the one before it: that its items are cosmetics the reader knows by then.
        let before: Vec<u32> = match like {
            Some(like) if depth > 0 => all.iter().copied().filter(begin(like, self.shorter(depth))).collect(),
            _ => all,
        };
        let node = |depth: usize, group: &[u32], among: &[u32]| Node {
            item: group[0],
            depth,
            items: group.len(),
            terms: terms.name(group, among),
            examples: group.iter().copied().take(EXAMPLES).collect(),
        };
        let (next, groups) = self.continuations(tokens, &group, like.map(|_| depth));
        let rest = groups.get(CHILDREN..).unwrap_or_default();
        let prefix = Prefix {
            node: like.map(|_| node(depth, &group, &before)),
            more: rest.len(),
            more_items: rest.iter().map(Vec::len).sum(),
            children: groups.iter().take(CHILDREN).map(|child| node(next, child, &group)).collect(),
        };
        Ok(to_object(&prefix))
    }
}

impl Index {
    /// Depth of the continuations of a prefix, and the items of each, the largest first.
    fn continuations(&self, tokens: &Tokens, group: &[u32], depth: Option<usize>) -> (usize, Vec<Vec<u32>>) {
        let expert = |item: u32| tokens.batch.experts_of(item as usize).first().copied();
        let mut groups: BTreeMap<Option<u32>, Vec<u32>> = BTreeMap::new();
        let next = match depth {
            // The root goes on with the experts, if the model has any.
            None if self.schema.has_experts() => {
                group.iter().for_each(|&item| groups.entry(expert(item)).or_default().push(item));
                0
            }
            depth => {
                let Some(position) = (depth.unwrap_or(0)..self.codewords.width()).find(|&p| !self.says_nothing(p)) else {
                    return (0, Vec::new());
                };
                let word = |item: u32| self.codewords.row(item as usize)[position];
                group.iter().for_each(|&item| groups.entry(Some(word(item))).or_default().push(item));
                position + 1
            }
        };
        let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
        let order = ordered(groups.len(), &|a, b| groups[b].len().cmp(&groups[a].len()));
        (next, order.into_iter().map(|group| std::mem::take(&mut groups[group as usize])).collect())
    }

    /// The first expert's token repeats what every prefix begins with.
    fn says_nothing(&self, position: usize) -> bool {
        matches!(self.schema.positions.get(position), Some(Position::Expert { rank: 0 }))
    }

    /// Depth of the prefix before one of `depth`.
    fn shorter(&self, depth: usize) -> usize {
        (0..depth).rev().find(|&p| p == 0 || !self.says_nothing(p - 1)).unwrap_or(0)
    }
}
