//! Relative positions in buckets, as T5 has them (arXiv 1910.10683, section 2.1): what is added to a product of query and key
//! depends on their distance, exactly when they are near and by its logarithm when they are not.

use super::attention::DistanceBias;
use super::weights::{Start, Tensor, Weights};
use crate::learn::parameters::Group;

/// Buckets of a head.
const BUCKETS: usize = 32;
/// Distance from which on all share the last bucket.
const FAR: f64 = 128.0;

/// A learned number a head and bucket.
#[derive(Debug, Clone, Copy)]
pub struct RelativeBias {
    /// `[buckets][heads]`.
    table: Tensor,
    /// Whether keys after the query have buckets of their own; otherwise they are not looked at.
    both_ways: bool,
}

impl RelativeBias {
    /// For `heads` heads.
    pub fn new(weights: &mut Weights, name: &str, heads: usize, both_ways: bool, deviation: f32) -> Self {
        Self { table: weights.add(name, [BUCKETS, heads], Group::NoDecay, Start::Normal(deviation)), both_ways }
    }

    /// By distance, for sequences of up to `reach + 1` rows: `[heads][2 · reach + 1]`.
    pub fn by_distance(&self, values: &[f32], reach: usize) -> Vec<f32> {
        let table = self.table.of(values);
        let heads = self.table.columns;
        let of = |head: usize| (0..=2 * reach).map(move |at| table[self.bucket(at, reach) * heads + head]);
        (0..heads).flat_map(of).collect()
    }

    /// Adds the gradient of what [`RelativeBias::by_distance`] gave.
    pub fn backward(&self, by_distance: &[f32], reach: usize, gradient: &mut [f32]) {
        let heads = self.table.columns;
        let table = self.table.of_mut(gradient);
        for (head, row) in by_distance.chunks_exact(2 * reach + 1).enumerate() {
            row.iter().enumerate().for_each(|(at, g)| table[self.bucket(at, reach) * heads + head] += g);
        }
    }

    /// The bucket of the distance `key − query = at − reach`.
    fn bucket(&self, at: usize, reach: usize) -> usize {
        let after = at > reach;
        let distance = at.abs_diff(reach);
        match (self.both_ways, after) {
            (true, _) => usize::from(after) * BUCKETS / 2 + near_or_far(distance, BUCKETS / 2),
            (false, false) => near_or_far(distance, BUCKETS),
            (false, true) => 0,
        }
    }
}

/// As a [`DistanceBias`].
pub fn distance_bias(by_distance: &[f32], reach: usize) -> DistanceBias<'_> {
    DistanceBias { values: by_distance, reach }
}

/// One of `buckets`: half of them for one distance each.
fn near_or_far(distance: usize, buckets: usize) -> usize {
    let exact = buckets / 2;
    if distance < exact {
        return distance;
    }
    let share = (distance as f64 / exact as f64).ln() / (FAR / exact as f64).ln();
    (exact + (share * (buckets - exact) as f64) as usize).min(buckets - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_distances_have_buckets_of_their_own_and_far_ones_share() {
        let bias = |both_ways| RelativeBias::new(&mut Weights::new(1), "bias", 2, both_ways, 1.0);
        let bucket = |both_ways, distance: i32| bias(both_ways).bucket((distance + 500) as usize, 500);
        assert_eq!([0, -1, -7, -8, -500].map(|d| bucket(true, d)), [0, 1, 7, 8, 15]);
        assert_eq!([1, 7, 8, 500].map(|d| bucket(true, d)), [17, 23, 24, 31]);
        assert_eq!([0, -15, -16, -500, 9].map(|d| bucket(false, d)), [0, 15, 16, 31, 0]);
    }
}
