//! What recommenders learn from and are asked: sequences of item numbers, split.

use rand::seq::index::sample;

use crate::interactions::{LeaveOneOut, Sequences, SequencesError};
use crate::learn::seed::generator;

/// The items of one user. Items are numbers in the list of ids that the sequences were read with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserItems {
    /// For training, in time order.
    pub training: Vec<u32>,
    /// The validation target; none where the item is not known, or where the split asks no such question.
    pub validation: Option<u32>,
    /// The test target.
    pub test: Option<u32>,
}

/// One catalogue's users, each with items for training, validation and test.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    items: usize,
    users: Vec<UserItems>,
    training_counts: Vec<u32>,
    /// Whether users without a target are left out of the questions, rather than asked for what nobody can recommend.
    asks_for_targets_only: bool,
    /// Users with too few interactions, left out.
    pub short_users: usize,
    /// Interactions with items that are not in the list of ids: left out of histories, and misses as targets.
    pub unknown: usize,
}

/// Which target a recommender is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// The item before the last; the history is what is for training.
    Validation,
    /// The last item; the history has the validation target too.
    Test,
}

/// A question to a recommender: what comes after this history?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Number of the user in the dataset, for recommenders that know users.
    pub user: u32,
    /// All earlier items, oldest first.
    pub history: Vec<u32>,
    /// What did come; none where it is an unknown item, which nobody can recommend.
    pub target: Option<u32>,
}

impl Dataset {
    /// A user's last item is for the test, the one before for validation, the rest for training (METHOD.md, Measurement:
    /// *protocol*). `items` is the length of the list of ids.
    ///
    /// # Errors
    /// No user has enough interactions.
    pub fn leave_one_out(sequences: &Sequences, items: usize) -> Result<Self, SequencesError> {
        let split = sequences.leave_one_out()?;
        let targets: Vec<_> = split.validation_targets().zip(split.test_targets()).collect();
        let all = split.training().flatten().copied().chain(targets.iter().flat_map(|&(validation, test)| [validation, test]));
        let unknown = all.filter(Option::is_none).count();
        let known = |row: &[Option<u32>]| row.iter().copied().flatten().collect();
        let users = split.training().zip(targets).map(|(training, (validation, test))| UserItems {
            training: known(training),
            validation,
            test,
        });
        Ok(Self::new(items, users.collect(), &split, unknown))
    }

    /// Leave-one-out where a share of the items is new: they occur in no training sequence and no history, and only
    /// users whose last item is new are asked. A recommender that knows items by number alone cannot answer.
    ///
    /// # Errors
    /// No user has enough interactions.
    pub fn cold_items(sequences: &Sequences, items: usize, share: f64, seed: u64) -> Result<Self, SequencesError> {
        let whole = Self::leave_one_out(sequences, items)?;
        let count = (items as f64 * share.clamp(0.0, 1.0)).round() as usize;
        let mut cold = vec![false; items];
        sample(&mut generator(seed, "cold items", 0), items, count).into_iter().for_each(|item| cold[item] = true);
        let is_cold = |item: u32| cold[item as usize];
        let users = whole.users.iter().map(|user| UserItems {
            training: user.training.iter().copied().filter(|&item| !is_cold(item)).collect(),
            validation: user.validation.filter(|&item| !is_cold(item)),
            test: user.test.filter(|&item| is_cold(item)),
        });
        let users: Vec<UserItems> = users.collect();
        let training_counts = counts(items, &users);
        Ok(Self { users, training_counts, asks_for_targets_only: true, ..whole })
    }

    fn new(items: usize, users: Vec<UserItems>, split: &LeaveOneOut<'_>, unknown: usize) -> Self {
        let training_counts = counts(items, &users);
        Self { items, users, training_counts, asks_for_targets_only: false, short_users: split.short_users, unknown }
    }

    /// Number of items, seen or not.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Every user who takes part.
    pub fn users(&self) -> &[UserItems] {
        &self.users
    }

    /// `[items]` training interactions with each.
    pub fn training_counts(&self) -> &[u32] {
        &self.training_counts
    }

    /// The questions of a split: one a user with a history, in the order of the users.
    pub fn queries(&self, split: Split) -> Vec<Query> {
        let query = |(number, user): (usize, &UserItems)| {
            let seen = if split == Split::Test { user.validation } else { None };
            let target = if split == Split::Test { user.test } else { user.validation };
            let history = user.training.iter().copied().chain(seen).collect();
            Query { user: number as u32, history, target }
        };
        let is_asked = |query: &Query| query.target.is_some() || !self.asks_for_targets_only;
        self.users.iter().enumerate().map(query).filter(is_asked).collect()
    }
}

fn counts(items: usize, users: &[UserItems]) -> Vec<u32> {
    let mut counts = vec![0; items];
    users.iter().flat_map(|user| &user.training).for_each(|&item| counts[item as usize] += 1);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sequences() -> Sequences {
        let mut sequences = Sequences::default();
        sequences.push("a", &[Some(0), Some(1), None, Some(2), Some(3)], &[]);
        sequences.push("b", &[Some(3), Some(3), Some(1), None, Some(2)], &[]);
        sequences.push("c", &[Some(0); 4], &[]);
        sequences
    }

    #[test]
    fn the_test_history_has_the_validation_item_and_unknown_items_are_left_out() {
        let dataset = Dataset::leave_one_out(&sequences(), 5).unwrap();
        assert_eq!((dataset.short_users, dataset.unknown, dataset.training_counts()), (1, 2, &[1, 2, 0, 2, 0][..]));
        let ask = |split| dataset.queries(split).into_iter().map(|q| (q.user, q.history, q.target)).collect::<Vec<_>>();
        assert_eq!(ask(Split::Validation), [(0, vec![0, 1], Some(2)), (1, vec![3, 3, 1], None)]);
        assert_eq!(ask(Split::Test), [(0, vec![0, 1, 2], Some(3)), (1, vec![3, 3, 1], Some(2))]);
    }

    #[test]
    fn cold_items_occur_only_as_test_targets() {
        for seed in 0..20 {
            let dataset = Dataset::cold_items(&sequences(), 4, 0.5, seed).unwrap();
            let targets: Vec<u32> = dataset.queries(Split::Test).iter().filter_map(|q| q.target).collect();
            for query in dataset.queries(Split::Test) {
                assert!(query.target.is_some(), "only users with a new item are asked, seed {seed}");
                assert!(query.history.iter().all(|item| !targets.contains(item)), "seed {seed}");
            }
        }
    }
}
