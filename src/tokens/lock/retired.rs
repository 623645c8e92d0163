//! Codewords that were published and that no item has any more.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A codeword that an item left when it was moved or removed, and that no other has. Whoever holds old tokens still means that
/// item by them, so nobody else gets them unless that is asked for; the item itself gets them back when it returns. Where several
/// items left one codeword, there is one of these for each: whichever returns has it again.
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

/// Whose each retired codeword was.
pub struct Owners<'a>(HashMap<&'a [String], Vec<&'a str>>);

impl<'a> Owners<'a> {
    /// Those of a lockfile.
    pub fn new(retired: &'a [Retired]) -> Self {
        let mut owners: HashMap<&[String], Vec<&str>> = HashMap::new();
        for codeword in retired {
            owners.entry(&codeword.tokens).or_default().push(&codeword.item);
        }
        Self(owners)
    }

    /// Number of retired codewords.
    pub fn codewords(&self) -> usize {
        self.0.len()
    }

    /// Whether a codeword is retired.
    pub fn have(&self, tokens: &[String]) -> bool {
        self.0.contains_key(tokens)
    }

    /// Whether a codeword is retired and was not this item's.
    pub fn lose(&self, tokens: &[String], id: &str) -> bool {
        self.0.get(tokens).is_some_and(|owners| !owners.contains(&id))
    }
}

/// Adds codewords that items left to those that are retired already, and drops those that an item has, as `in_use` knows.
/// Returns how many of the retired ones went to an item.
pub fn retire(retired: &mut Vec<Retired>, left: Vec<Retired>, in_use: impl Fn(&[String]) -> bool) -> usize {
    let mut passed_on: HashSet<Vec<String>> = HashSet::new();
    retired.retain(|codeword| {
        let stays = !in_use(&codeword.tokens);
        if !stays {
            passed_on.insert(codeword.tokens.clone());
        }
        stays
    });
    retired.extend(left.into_iter().filter(|codeword| !in_use(&codeword.tokens)));
    passed_on.len()
}

/// The retired codewords without those that one of the items left which `returns` names: they are its own again.
pub fn left_by_others(retired: &[Retired], returns: impl Fn(&Retired) -> bool) -> Vec<Retired> {
    let own: HashSet<&[String]> = retired.iter().filter(|codeword| returns(codeword)).map(|codeword| &*codeword.tokens).collect();
    retired.iter().filter(|codeword| !own.contains(&*codeword.tokens)).cloned().collect()
}

fn spaced<S: Serializer>(tokens: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&tokens.join(" "))
}

fn parted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(String::deserialize(deserializer)?.split(' ').map(Into::into).collect())
}
