//! Recommenders, scored by items (METHOD.md, Measurement: *expected rank in buckets*).

mod metrics;
mod popularity;

pub use metrics::{Scores, bucket_gain};
pub use popularity::{Popularity, popularity, popularity_table};
