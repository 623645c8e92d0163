//! The leave-one-out protocol: a user's last interaction is for the test, the one before it for validation, and all others
//! are for training (METHOD.md, Measurement: *protocol*).

use super::sequences::Sequences;

/// Fewest interactions of a user who takes part.
pub const MIN_INTERACTIONS: usize = 5;
/// Interactions at the end of each user that are not for training: validation and test.
const HELD_OUT: usize = 2;

/// Sequences of the users who take part.
#[derive(Debug, Clone)]
pub struct LeaveOneOut<'a> {
    users: Vec<&'a [Option<u32>]>,
    /// Users with fewer than [`MIN_INTERACTIONS`], left out.
    pub short_users: usize,
}

impl Sequences {
    /// Splits the sequence of every user who has at least [`MIN_INTERACTIONS`].
    pub fn leave_one_out(&self) -> LeaveOneOut<'_> {
        let users = self.users.iter().map(Vec::as_slice).filter(|user| user.len() >= MIN_INTERACTIONS);
        let users: Vec<&[Option<u32>]> = users.collect();
        LeaveOneOut { short_users: self.users.len() - users.len(), users }
    }
}

impl<'a> LeaveOneOut<'a> {
    /// Number of users who take part.
    pub fn users(&self) -> usize {
        self.users.len()
    }

    /// Training items of each user in time order; none for an item that the list of ids lacks.
    pub fn training(&self) -> impl Iterator<Item = &'a [Option<u32>]> {
        self.users.iter().map(|user| &user[..user.len() - HELD_OUT])
    }

    /// Validation target of each user.
    pub fn validation_targets(&self) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.users.iter().map(|user| user[user.len() - HELD_OUT])
    }

    /// Test target of each user.
    pub fn test_targets(&self) -> impl ExactSizeIterator<Item = Option<u32>> {
        self.users.iter().map(|user| user[user.len() - 1])
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
        let users = vec![vec![Some(0), Some(1), None, Some(1), Some(2)], vec![Some(3); 4]];
        let sequences = Sequences { users };
        let split = sequences.leave_one_out();
        assert_eq!((split.users(), split.short_users), (1, 1));
        assert_eq!(split.training().collect::<Vec<_>>(), [[Some(0), Some(1), None]]);
        assert_eq!(split.validation_targets().collect::<Vec<_>>(), [Some(1)]);
        assert_eq!(split.test_targets().collect::<Vec<_>>(), [Some(2)]);
        assert_eq!(split.training_counts(4), [1, 1, 0, 0]);
    }
}
