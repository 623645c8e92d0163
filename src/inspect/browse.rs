//! Looking through the items: search, order, and those that begin alike.

use std::str::FromStr;

use super::{Indexed, InspectError, least_relative_margins, residual_shares};
use crate::base::sort::ordered;
use crate::catalog::Columns;

/// How a list of items is ordered. The page's links carry these names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Order {
    /// As in the file.
    #[cfg_attr(feature = "bindings", serde(rename = "file"))]
    File,
    /// The least relative margin first.
    #[cfg_attr(feature = "bindings", serde(rename = "close"))]
    Margin,
    /// The largest share of the latent that the codes leave unexplained first.
    #[cfg_attr(feature = "bindings", serde(rename = "left"))]
    Residual,
    /// The largest groups of one codeword first, each together.
    #[cfg_attr(feature = "bindings", serde(rename = "shared"))]
    Shared,
}

impl FromStr for Order {
    type Err = InspectError;
    fn from_str(name: &str) -> Result<Self, InspectError> {
        match name {
            "file" => Ok(Self::File),
            "close" => Ok(Self::Margin),
            "left" => Ok(Self::Residual),
            "shared" => Ok(Self::Shared),
            _ => Err(InspectError::Order(name.into())),
        }
    }
}

/// Numbers of the items that have every word of `query` in their id, title, brand or categories, and, where `like` is an
/// item and a depth, that item's expert and its first tokens up to the depth.
///
/// An item `like` that is not there asks for nothing: links outlive catalogues.
///
/// # Errors
/// An index of other items; the order of margins for tokens without any.
pub fn browse(
    items: &Columns,
    indexed: &Indexed<'_>,
    query: &str,
    order: Order,
    like: Option<(usize, usize)>,
) -> Result<Vec<u32>, InspectError> {
    indexed.expect_items(items.len())?;
    if order == Order::Margin && indexed.batch.margins.is_empty() && indexed.items() > 0 {
        return Err(InspectError::Missing("margins"));
    }
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let like = like.filter(|&(item, _)| item < items.len());
    let found = (0..items.len()).filter(|&i| {
        like.is_none_or(|(other, depth)| indexed.begin_alike(i, other, depth))
            && (words.is_empty() || items.get(i).mentions(&words))
    });
    Ok(arranged(found.map(|i| i as u32).collect(), indexed, order))
}

/// `found` in the order asked for; of equals the first in the file.
fn arranged(found: Vec<u32>, indexed: &Indexed<'_>, order: Order) -> Vec<u32> {
    // One number an item, so that one sort serves every order: the least comes first.
    let keys: Vec<u64> = match order {
        Order::File => return found,
        Order::Margin => least_relative_margins(indexed.batch).map(|(_, margin)| ascending(margin)).collect(),
        Order::Residual => residual_shares(indexed.batch).into_iter().map(|share| u64::MAX - ascending(share)).collect(),
        Order::Shared => {
            // Larger groups first; the place among sorted codewords keeps a group together.
            let sizes = indexed.codewords.bucket_sizes_of_items();
            let mut keys: Vec<u64> = sizes.into_iter().map(|size| u64::from(u32::MAX - size) << 32).collect();
            indexed.codewords.sorted().into_iter().zip(0..).for_each(|(item, place)| keys[item as usize] += place);
            keys
        }
    };
    let key = |place: usize| keys[found[place] as usize];
    ordered(found.len(), &|a, b| key(a).cmp(&key(b))).into_iter().map(|place| found[place as usize]).collect()
}

/// A whole number that grows as a float from 0 on does.
fn ascending(value: f32) -> u64 {
    u64::from(value.max(0.0).to_bits())
}
