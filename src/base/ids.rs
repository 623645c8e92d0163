//! Lists and sets of many ids, in little memory.

#[cfg(feature = "files")]
use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

#[cfg(feature = "files")]
use super::parallel::sort_words;

/// A list of strings in one allocation: each takes its text and 8 bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdList {
    text: String,
    ends: Vec<usize>,
}

impl IdList {
    /// Appends an id.
    pub fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// Number of ids.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the list has no id.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id at `index`; `None` beyond the end.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Some(&self.text[start..end])
    }

    /// All ids, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i).expect("the index is below the length"))
    }
}

impl<S: AsRef<str>> FromIterator<S> for IdList {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        let mut list = Self::default();
        ids.into_iter().for_each(|id| list.push(id.as_ref()));
        list
    }
}

impl Serialize for IdList {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for IdList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strings;
        impl<'de> Visitor<'de> for Strings {
            type Value = IdList;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array of strings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut strings: A) -> Result<IdList, A::Error> {
                let mut list = IdList::default();
                while let Some(id) = strings.next_element::<std::borrow::Cow<'de, str>>()? {
                    list.push(&id);
                }
                Ok(list)
            }
        }
        deserializer.deserialize_seq(Strings)
    }
}

/// Finds out whether ids differ.
pub trait Distinct: Default {
    /// Takes an id; false if it is known now that it, or another of the same hash, came before.
    fn insert(&mut self, id: &str) -> bool;

    /// The first id that came twice, as the numbers of both, if [`Distinct::insert`] has not told. `ids` are those that were
    /// inserted, in their order.
    fn repeated<'i>(self, ids: impl Iterator<Item = &'i str>) -> Option<(usize, usize)>;
}

/// Ids seen so far, as 64-bit keyed hashes: a million take 16 MB. The probability that any two of a million different
/// ids are taken for the same is 3e-8. The key is random, so nobody can prepare such a pair.
#[derive(Debug, Default)]
pub struct Seen {
    key: RandomState,
    hashes: HashSet<u64, BuildHasherDefault<Hashed>>,
}

/// The hash of what is one already.
#[derive(Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, &byte| (hash << 8) | u64::from(byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Distinct for Seen {
    fn insert(&mut self, id: &str) -> bool {
        self.hashes.insert(self.key.hash_one(id))
    }

    fn repeated<'i>(self, _ids: impl Iterator<Item = &'i str>) -> Option<(usize, usize)> {
        None
    }
}

/// The same hashes in a list, which says at the end what came twice: a fraction of the time for tens of millions of ids, whose
/// table would be larger than any cache.
#[cfg(feature = "files")]
#[derive(Debug, Default)]
pub struct Hashes {
    key: RandomState,
    hashes: Vec<u64>,
}

#[cfg(feature = "files")]
impl Distinct for Hashes {
    fn insert(&mut self, id: &str) -> bool {
        self.hashes.push(self.key.hash_one(id));
        true
    }

    fn repeated<'i>(mut self, ids: impl Iterator<Item = &'i str>) -> Option<(usize, usize)> {
        sort_words(&mut self.hashes);
        let suspects: HashSet<u64> = self.hashes.array_windows().filter(|[a, b]| a == b).map(|[a, _]| *a).collect();
        if suspects.is_empty() {
            return None;
        }
        let mut first: HashMap<&str, usize> = HashMap::new();
        for (number, id) in ids.enumerate().filter(|(_, id)| suspects.contains(&self.key.hash_one(id))) {
            if let Some(before) = first.insert(id, number) {
                return Some((before, number));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_in_order() {
        let list: IdList = ["a", "", "käse"].into_iter().collect();
        assert_eq!(list.iter().collect::<Vec<_>>(), ["a", "", "käse"]);
        assert_eq!((list.len(), list.get(3)), (3, None));
    }
    #[test]
    #[cfg(feature = "files")]
    fn the_first_id_that_came_twice_is_told_at_once_or_at_the_end() {
        let ids = ["a", "b", "c", "b", "a"];
        let (mut seen, mut hashes) = (Seen::default(), Hashes::default());
        assert_eq!(ids.map(|id| seen.insert(id)), [true, true, true, false, false]);
        assert!(ids.iter().all(|id| hashes.insert(id)));
        assert_eq!(hashes.repeated(ids.into_iter()), Some((1, 3)));
        let mut different = Hashes::default();
        assert!(ids[..3].iter().all(|id| different.insert(id)));
        assert_eq!(different.repeated(ids[..3].iter().copied()), None);
    }
}
