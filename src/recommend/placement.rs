//! Where a target stands in a list of recommendations, and the metrics that follow.

use serde::{Deserialize, Serialize};

use super::metrics::bucket_gain;

/// The place of a target in a list. Items that the recommender cannot tell apart share a bucket, and every order of a
/// bucket is equally likely (METHOD.md, Measurement: *expected rank in buckets*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Items listed before the bucket of the target.
    pub ahead: u32,
    /// Items of the bucket, the target among them: 1 where the recommender tells all items apart.
    pub sharing: u32,
    /// Buckets listed before that of the target: its rank when codewords are scored instead of items.
    pub codewords_ahead: u32,
}

impl Placement {
    /// The place of `target` by `scores` of all items, the highest first: items of the same score share a bucket.
    /// Those of `left_out` are not listed. None where the target is left out or its score is not finite.
    pub fn by_scores(scores: &[f32], target: u32, left_out: &[u32]) -> Option<Self> {
        let mine = scores[target as usize];
        if !mine.is_finite() || left_out.contains(&target) {
            return None;
        }
        let tally =
            |(ahead, sharing): (u32, u32), &score: &f32| (ahead + u32::from(score > mine), sharing + u32::from(score == mine));
        let (mut ahead, mut sharing) = scores.iter().fold((0, 0), tally);
        let mut left_out = left_out.to_vec();
        left_out.sort_unstable();
        left_out.dedup();
        let (less_ahead, less_sharing) = left_out.iter().map(|&item| &scores[item as usize]).fold((0, 0), tally);
        (ahead, sharing) = (ahead - less_ahead, sharing - less_sharing);
        Some(Self { ahead, sharing, codewords_ahead: ahead })
    }
}

/// Means over users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
pub struct Metrics {
    pub recall_at_5: f64,
    pub recall_at_10: f64,
    pub ndcg_at_5: f64,
    pub ndcg_at_10: f64,
}

impl Metrics {
    /// Of items; a target that is not in its list is a miss.
    pub fn of_items(places: &[Option<Placement>]) -> Self {
        Self::mean(places, |place, m| bucket_gain(place.ahead as usize, place.sharing as usize, m))
    }

    /// Of codewords, where any item of the target's codeword is a hit: the measure that rewards collapse.
    pub fn of_codewords(places: &[Option<Placement>]) -> Self {
        Self::mean(places, |place, m| bucket_gain(place.codewords_ahead as usize, 1, m))
    }

    fn mean(places: &[Option<Placement>], gain: impl Fn(Placement, usize) -> (f64, f64)) -> Self {
        let users = places.len().max(1) as f64;
        let mut sum = Self::default();
        for place in places.iter().copied().flatten() {
            let ((recall_5, ndcg_5), (recall_10, ndcg_10)) = (gain(place, 5), gain(place, 10));
            sum.recall_at_5 += recall_5;
            sum.recall_at_10 += recall_10;
            sum.ndcg_at_5 += ndcg_5;
            sum.ndcg_at_10 += ndcg_10;
        }
        let of = |sum: f64| sum / users;
        Self {
            recall_at_5: of(sum.recall_at_5),
            recall_at_10: of(sum.recall_at_10),
            ndcg_at_5: of(sum.ndcg_at_5),
            ndcg_at_10: of(sum.ndcg_at_10),
        }
    }
}

/// `[users]` NDCG@10 by items, for intervals over users.
pub fn ndcg_at_10(places: &[Option<Placement>]) -> Vec<f64> {
    let gain = |place: Placement| bucket_gain(place.ahead as usize, place.sharing as usize, 10).1;
    places.iter().map(|place| place.map_or(0.0, gain)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_a_bucket_and_items_left_out_leave_it() {
        let scores = [0.5, 0.9, 0.5, 0.1, 0.5];
        let place = |target, left_out: &[u32]| Placement::by_scores(&scores, target, left_out).map(|p| (p.ahead, p.sharing));
        assert_eq!(place(0, &[]), Some((1, 3)));
        assert_eq!(place(3, &[1, 1, 2]), Some((2, 1)));
        assert_eq!(place(3, &[3]), None);
        assert_eq!(Placement::by_scores(&[f32::NAN, 1.0], 0, &[]), None);
    }

    #[test]
    fn metrics_are_means_over_all_orders_of_a_bucket() {
        // The target is the second to fourth of the list: ranks 2, 3 and 4 are equally likely.
        let place = Placement { ahead: 1, sharing: 3, codewords_ahead: 1 };
        let places = [Some(place), None];
        let ndcg = [2.0_f64, 3.0, 4.0].map(|rank| 1.0 / (rank + 1.0).log2()).iter().sum::<f64>() / 3.0;
        let items = Metrics::of_items(&places);
        assert_eq!((items.recall_at_5, items.recall_at_10), (0.5, 0.5));
        assert!((items.ndcg_at_10 - ndcg / 2.0).abs() < 1e-12);
        assert_eq!(Metrics::of_codewords(&places).ndcg_at_5, 0.5 / 3.0_f64.log2());
        // Four of the five places of this bucket are within the first ten.
        let edge = [Some(Placement { ahead: 6, sharing: 5, codewords_ahead: 2 })];
        assert!((Metrics::of_items(&edge).recall_at_10 - 0.8).abs() < 1e-12);
        assert_eq!(Metrics::of_items(&edge).recall_at_5, 0.0);
    }
}
