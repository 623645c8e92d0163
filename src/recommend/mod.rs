//! Recommenders, scored by items (METHOD.md, Measurement: *expected rank in buckets*).

mod popularity;

pub use popularity::{Popularity, Scores, bucket_gain, popularity, popularity_table};
