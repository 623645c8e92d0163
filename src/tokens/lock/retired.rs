//! Codewords that were published and that no item has any more.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A codeword that its last item left: it was moved or removed. Whoever holds old tokens still means that item by them, so
/// nobody else gets them unless that is asked for; the item itself gets them back when it returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// The item.
    pub item: String,
    /// Its tokens; in a file, separated by spaces.
    #[serde(serialize_with = "spaced", deserialize_with = "parted")]
    pub tokens: Vec<String>,
    /// Fingerprint of the text or vector that they were made from.
    pub fingerprint: u32,
}

/// Adds codewords that items left to those that are retired already, and drops those that an item has, as `in_use` knows.
/// Returns how many of the retired ones went to an item.
pub fn retire(retired: &mut Vec<Retired>, left: Vec<Retired>, in_use: impl Fn(&[String]) -> bool) -> usize {
    let before = retired.len();
    retired.retain(|codeword| !in_use(&codeword.tokens));
    let passed_on = before - retired.len();
    // Of several items that left one codeword, the last one's it is.
    let mut seen = std::collections::HashSet::new();
    let mut new: Vec<Retired> = left.into_iter().rev().filter(|codeword| !in_use(&codeword.tokens)).collect();
    new.retain(|codeword| seen.insert(codeword.tokens.clone()));
    retired.extend(new.into_iter().rev());
    passed_on
}

fn spaced<S: Serializer>(tokens: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&tokens.join(" "))
}

fn parted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(String::deserialize(deserializer)?.split(' ').map(Into::into).collect())
}
