//! Where a codeword lies in a catalogue: how many items begin as it does, what these have in common, which are nearest.

use serde::Serialize;

use super::{Chain, Indexed, InspectError, Terms, cosine};

/// Items named as near.
const NEAR: usize = 6;

/// What a catalogue says of a codeword.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Place<'a> {
    /// Items that went to the same expert.
    pub items: usize,
    /// For each level, the items that have the same codes up to there.
    pub levels: Vec<Beginning<'a>>,
    /// The nearest items by cosine of the embeddings.
    pub by_embedding: Vec<Near>,
    /// The nearest items by codes in common, then by cosine.
    pub by_codes: Vec<Near>,
}

/// Items whose codewords begin as another does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Beginning<'a> {
    /// Their number, without the item itself.
    pub items: usize,
    /// Terms that set them apart from the items of the level before; see [`Terms::name`].
    pub terms: Vec<&'a str>,
}

/// Another item.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Near {
    /// Its number.
    pub item: usize,
    /// Cosine of the embeddings.
    pub cosine: f32,
    /// Codes in common from the first level on, under the same expert.
    pub shared: usize,
}

/// Places `chain`, whose embedding is `row`, among the items of `indexed`, whose embeddings are `embeddings
/// [items][row.len()]` and whose terms are `terms`. `item` is its number there, if it is one of them.
///
/// # Errors
/// Embeddings or terms of other items, or embeddings of another width.
pub fn place<'a>(
    terms: &'a Terms,
    indexed: &Indexed<'_>,
    embeddings: &[f32],
    chain: &Chain,
    row: &[f32],
    item: Option<usize>,
) -> Result<Place<'a>, InspectError> {
    indexed.expect_items(terms.items())?;
    if embeddings.len() != indexed.items() * row.len() {
        let vectors = embeddings.len() / row.len().max(1);
        return Err(InspectError::Vectors { vectors, tokenized: indexed.items() });
    }
    let near = near(indexed, embeddings, chain, row, item);
    let own = usize::from(item.is_some());
    let mut group: Vec<u32> = (0..indexed.items() as u32).filter(|&i| indexed.expert(i as usize) == chain.expert).collect();
    let items = group.len() - own;
    let levels = (1..=chain.codes.len()).map(|depth| {
        let alike = |item: &u32| indexed.codes_in_common(*item as usize, chain) >= depth;
        let inside: Vec<u32> = group.iter().copied().filter(alike).collect();
        let names = terms.name(&inside, &group);
        let beginning = Beginning { items: inside.len().saturating_sub(own), terms: names };
        group = inside;
        beginning
    });
    Ok(Place {
        items,
        levels: levels.collect(),
        by_embedding: nearest(&near, |near| near.cosine),
        // A cosine is at most 1: codes in common come first.
        by_codes: nearest(&near, |near| 4.0 * near.shared as f32 + near.cosine),
    })
}

/// Every other item, beside this one.
fn near(indexed: &Indexed<'_>, embeddings: &[f32], chain: &Chain, row: &[f32], item: Option<usize>) -> Vec<Near> {
    let others = embeddings.chunks_exact(row.len().max(1)).enumerate().filter(|&(other, _)| Some(other) != item);
    let beside =
        |(other, theirs)| Near { item: other, cosine: cosine(row, theirs), shared: indexed.codes_in_common(other, chain) };
    others.map(beside).collect()
}

/// The items with the largest `key`, the largest first; of equals the first.
fn nearest(near: &[Near], key: fn(&Near) -> f32) -> Vec<Near> {
    let mut best: Vec<Near> = Vec::new();
    for other in near {
        let place = best.iter().position(|kept| key(kept) < key(other)).unwrap_or(best.len());
        if place < NEAR {
            best.truncate(NEAR - 1);
            best.insert(place, *other);
        }
    }
    best
}
