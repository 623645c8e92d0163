//! Where recommenders come: so far their metrics, by items (METHOD.md, Measurement: *expected rank in buckets*), and
//! popularity baselines.

mod metrics;
mod popularity;

pub use metrics::{Scores, bucket_gain};
pub use popularity::{Popularity, popularity};
