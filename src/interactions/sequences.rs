//! Interaction sequences in memory.

use crate::base::ids::IdList;

/// What each user did, in time order. Items are known by their row in a list of ids.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sequences {
    users: IdList,
    /// `[users]` end of each user's interactions.
    ends: Vec<usize>,
    items: Vec<Option<u32>>,
    /// One for each interaction, or none at all.
    times: Vec<f64>,
}

/// What one user did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct User<'a> {
    /// The user's id.
    pub id: &'a str,
    /// Item rows in time order; none for an item that the list of ids lacks.
    pub items: &'a [Option<u32>],
    /// Time of each interaction, in the file's own unit, or in seconds since 1970 where it has dates; empty if the file
    /// has no times.
    pub times: &'a [f64],
}

impl Sequences {
    /// Appends a user; `times` is empty for all users or for none.
    pub fn push(&mut self, id: &str, items: &[Option<u32>], times: &[f64]) {
        self.users.push(id);
        self.items.extend_from_slice(items);
        self.times.extend_from_slice(times);
        self.ends.push(self.items.len());
    }

    /// Number of users.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no users.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Number of interactions.
    pub fn interactions(&self) -> usize {
        self.items.len()
    }

    /// User `i`, in order of first appearance.
    ///
    /// # Panics
    /// There are not so many users.
    pub fn user(&self, i: usize) -> User<'_> {
        let range = i.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[i];
        let times = if self.times.is_empty() { &[] } else { &self.times[range.clone()] };
        User { id: self.users.get(i).expect("as many ids as ends"), items: &self.items[range], times }
    }

    /// Every user in turn.
    pub fn users(&self) -> impl ExactSizeIterator<Item = User<'_>> {
        (0..self.len()).map(|i| self.user(i))
    }
}
