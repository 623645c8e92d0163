//! What is reported of one run: metrics by items and by codewords, how sure they are, and for whom they are good.

use serde::{Deserialize, Serialize};

use super::dataset::Query;
use super::placement::{Metrics, Placement, ndcg_at_10};
use crate::compute::stats::bootstrap::{UserScores, bootstrap_mean};

/// Rounds of the bootstrap over users.
const ROUNDS: usize = 1000;
/// Its seed, the same for every run.
const SEED: u64 = 1;

/// The measurements of a trained recommender on the test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Users asked.
    pub users: usize,
    /// Metrics by items.
    pub by_item: Metrics,
    /// Metrics by codewords, which reward collapse.
    pub by_code: Metrics,
    /// 95 % interval of NDCG@10 by items, from the bootstrap over users: how it would vary with other users.
    pub interval: [f64; 2],
    /// By how popular the target is: the rare, the middle and the frequent third.
    pub by_popularity: Vec<Third>,
    /// Best NDCG@10 of the validations, where there were any.
    pub validation_ndcg_at_10: Option<f64>,
    /// Epochs trained.
    pub epochs: usize,
    /// Epoch of the weights that were tested.
    pub best_epoch: Option<usize>,
    /// Seconds of training and testing, over all sessions.
    pub seconds: f64,
    /// Numbers that training changes.
    pub parameters: usize,
}

/// Users whose targets are about equally popular.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Third {
    /// Largest number of training interactions with a target of the third.
    pub up_to: u32,
    /// Users.
    pub users: usize,
    /// Their mean NDCG@10 by items.
    pub ndcg_at_10: f64,
}

/// How the weights came to be.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Training {
    /// As in [`RunRecord`].
    pub validation_ndcg_at_10: Option<f64>,
    /// As in [`RunRecord`].
    pub epochs: usize,
    /// As in [`RunRecord`].
    pub best_epoch: Option<usize>,
    /// As in [`RunRecord`].
    pub seconds: f64,
    /// As in [`RunRecord`].
    pub parameters: usize,
}

impl RunRecord {
    /// Measures places on the test; `counts` are the training interactions of each item. None without users.
    pub fn new(queries: &[Query], places: &[Option<Placement>], counts: &[u32], training: Training) -> Option<Self> {
        let gains = ndcg_at_10(places);
        let scores = UserScores::new(vec![gains.clone()]).ok()?;
        let interval = bootstrap_mean(&[scores], ROUNDS, SEED).ok()?;
        let Training { validation_ndcg_at_10, epochs, best_epoch, seconds, parameters } = training;
        Some(Self {
            users: places.len(),
            by_item: Metrics::of_items(places),
            by_code: Metrics::of_codewords(places),
            interval: [interval.low, interval.high],
            by_popularity: thirds(queries, &gains, counts),
            validation_ndcg_at_10,
            epochs,
            best_epoch,
            seconds,
            parameters,
        })
    }
}

fn thirds(queries: &[Query], gains: &[f64], counts: &[u32]) -> Vec<Third> {
    let third = |(up_to, users): (u32, Vec<usize>)| {
        let sum: f64 = users.iter().map(|&user| gains[user]).sum();
        Third { up_to, users: users.len(), ndcg_at_10: sum / users.len() as f64 }
    };
    thirds_by_popularity(queries, counts).into_iter().map(third).collect()
}

/// Thirds of the users by the popularity of their targets, the rarest first, each with the largest popularity in it; users of
/// one popularity are together, so there may be fewer than three, and those with an unknown target belong to none.
pub fn thirds_by_popularity(queries: &[Query], counts: &[u32]) -> Vec<(u32, Vec<usize>)> {
    let popularity = |query: &Query| query.target.map(|item| counts[item as usize]);
    let mut users: Vec<(u32, usize)> =
        queries.iter().enumerate().filter_map(|(user, query)| Some((popularity(query)?, user))).collect();
    users.sort_unstable();
    let mut thirds = Vec::new();
    let mut begin = 0;
    for third in 1..=3 {
        let at = (users.len() * third / 3).max(1) - 1;
        let Some(&(up_to, _)) = users.get(at) else { break };
        let end = users.partition_point(|user| user.0 <= up_to);
        if end > begin {
            thirds.push((up_to, users[begin..end].iter().map(|user| user.1).collect()));
        }
        begin = begin.max(end);
    }
    thirds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(target: Option<u32>) -> Query {
        Query { user: 0, history: vec![], target }
    }

    #[test]
    fn users_are_parted_by_the_popularity_of_their_targets() {
        // Items 0, 1, 2 have 7, 0 and 2 interactions.
        let queries = [0, 1, 2, 1, 0, 2].map(|item| query(Some(item)));
        let gains = [0.7, 0.0, 0.2, 0.1, 0.3, 0.0];
        let third = |up_to, ndcg_at_10| Third { up_to, users: 2, ndcg_at_10 };
        assert_eq!(thirds(&queries, &gains, &[7, 0, 2]), [third(0, 0.05), third(2, 0.1), third(7, 0.5)]);
        // All alike: one group; an unknown target is in none.
        assert_eq!(thirds(&[query(Some(1)), query(None)], &[1.0, 0.0], &[7, 3]), [Third { up_to: 3, users: 1, ndcg_at_10: 1.0 }]);
        assert!(thirds(&[query(None)], &[0.0], &[]).is_empty());
    }

    #[test]
    fn the_interval_is_about_the_mean() {
        let places: Vec<_> = (0..200).map(|i| Some(Placement { ahead: i % 20, sharing: 1, codewords_ahead: i % 20 })).collect();
        let queries: Vec<Query> = (0..200).map(|i| query(Some(i % 4))).collect();
        let record = RunRecord::new(&queries, &places, &[1, 2, 3, 4], Training::default()).unwrap();
        let [low, high] = record.interval;
        assert!(low < record.by_item.ndcg_at_10 && record.by_item.ndcg_at_10 < high && high - low < 0.15, "{record:?}");
        assert_eq!(record.by_item, record.by_code);
        assert_eq!(RunRecord::new(&[], &[], &[], Training::default()), None);
    }
}
