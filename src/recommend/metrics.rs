//! Metrics of a ranking (METHOD.md, Measurement: *expected rank in buckets*).

use serde::Serialize;

/// Means over users. Items are scored, or codewords where the name begins with `code_`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are the documentation")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Scores {
    pub recall_at_5: f64,
    pub recall_at_10: f64,
    pub ndcg_at_5: f64,
    pub ndcg_at_10: f64,
    pub code_recall_at_5: f64,
    pub code_recall_at_10: f64,
    pub code_ndcg_at_5: f64,
    pub code_ndcg_at_10: f64,
}

/// Gains (recall@`m`, NDCG@`m`) of a target in a bucket of `size` items, with `ahead` items listed before the bucket: the mean
/// over all orders of the bucket.
pub fn bucket_gain(ahead: usize, size: usize, m: usize) -> (f64, f64) {
    if ahead >= m || size == 0 {
        return (0.0, 0.0);
    }
    let inside = size.min(m - ahead);
    let discounted: f64 = (ahead + 1..=ahead + inside).map(|rank| 1.0 / (rank as f64 + 1.0).log2()).sum();
    (inside as f64 / size as f64, discounted / size as f64)
}
