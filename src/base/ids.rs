//! Lists and sets of many ids, in little memory.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

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

/// Ids seen so far, as 64-bit keyed hashes: a million take 16 MB. The probability that any two of a million different
/// ids are taken for the same is 3e-8. The key is random, so nobody can prepare such a pair.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    key: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    /// Remembers `id`; whether it is new.
    pub(crate) fn insert(&mut self, id: &str) -> bool {
        self.hashes.insert(self.key.hash_one(id))
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
}
