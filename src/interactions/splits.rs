//! The leave-one-out protocol: a user's last interaction is for the test, the one before it for validation, and all others
//! are for training (METHOD.md, Measurement: *protocol*).

use super::SequencesError;
use super::sequences::{Sequences, User};

/// Fewest interactions of a user who takes part.
pub const MIN_INTERACTIONS: usize = 5;
/// Interactions at the end of each user that are not for training: validation and test.
const HELD_OUT: usize = 2;

/// Sequences of the users who take part.
#[derive(Debug, Clone)]
pub struct LeaveOneOut<'a> {
    users: Vec<User<'a>>,
    /// Users with fewer than [`MIN_INTERACTIONS`], left out.
    pub short_users: usize,
}

impl Sequences {
    /// Splits the sequence of every user who has at least [`MIN_INTERACTIONS`].
    ///
    /// # Errors
    /// There is no such user.
    pub fn leave_one_out(&self) -> Result<LeaveOneOut<'_>, SequencesError> {
        let users: Vec<User<'_>> = self.users().filter(|user| user.items.len() >= MIN_INTERACTIONS).collect();
        if users.is_empty() {
            let longest = self.users().max_by_key(|user| user.items.len());
            return Err(SequencesError::Short {
                least: MIN_INTERACTIONS,
                users: self.len(),
                longest: longest.map_or(0, |user| user.items.len()),
                user: longest.map_or_else(String::new, |user| user.id.into()),
            });
        }
        Ok(LeaveOneOut { short_users: self.len() - users.len(), users })
    }

    /// What each user did, without what [`Sequences::leave_one_out`] tests on: all that a tokenizer may learn from. Users too
    /// short to take part there keep everything.
    pub fn histories(&self) -> impl Iterator<Item = &[Option<u32>]> {
        self.users().map(|user| {
            let held_out = if user.items.len() >= MIN_INTERACTIONS { HELD_OUT } else { 0 };
            &user.items[..user.items.len() - held_out]
        })
    }
}

impl<'a> LeaveOneOut<'a> {
    /// Number of users who take part.
    pub fn users(&self) -> usize {
        self.users.len()
    }

    /// The id of each user who takes part.
    pub fn user_ids(&self) -> impl ExactSizeIterator<Item = &'a str> {
        self.users.iter().map(|user| user.id)
    }

    /// Training items of each user in time order; none for an item that the list of ids lacks.
    pub fn training(&self) -> impl Iterator<Item = &'a [Option<u32>]> {
        self.users.iter().map(|user| &user.items[..user.items.len() - HELD_OUT])
    }

    /// Validation target of each user.
    pub fn validation_targets(&self) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.users.iter().map(|user| user.items[user.items.len() - HELD_OUT])
    }

    /// Test target of each user.
    pub fn test_targets(&self) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.users.iter().map(|user| user.items[user.items.len() - 1])
    }

    /// `[items]` training interactions with each of `items` items.
    pub fn training_counts(&self, items: usize) -> Vec<usize> {
        let mut counts = vec![0; items];
        self.training().flatten().flatten().for_each(|&item| counts[item as usize] += 1);
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_interactions_of_long_users_are_held_out() {
        let mut sequences = Sequences::default();
        sequences.push("a", &[Some(0), Some(1), None, Some(1), Some(2)], &[]);
        sequences.push("b", &[Some(3); 4], &[]);
        let split = sequences.leave_one_out().unwrap();
        assert_eq!((split.users(), split.short_users), (1, 1));
        assert_eq!(split.user_ids().collect::<Vec<_>>(), ["a"]);
        assert_eq!(split.training().collect::<Vec<_>>(), [[Some(0), Some(1), None]]);
        assert_eq!(split.validation_targets().collect::<Vec<_>>(), [Some(1)]);
        assert_eq!(split.test_targets().collect::<Vec<_>>(), [Some(2)]);
        assert_eq!(split.training_counts(4), [1, 1, 0, 0]);
    }

    #[test]
    fn users_who_are_all_too_short_are_an_error() {
        let mut sequences = Sequences::default();
        sequences.push("a", &[Some(0)], &[]);
        sequences.push("b", &[Some(3); 4], &[]);
        let error = sequences.leave_one_out().unwrap_err().to_string();
        assert!(error.contains("«b»") && error.contains("has 4"), "{error}");
    }
}
