//! Recommenders over tokens, and how they are scored: by items.

mod popularity;

pub use popularity::{Popularity, Scores, bucket_gain, popularity, popularity_table};
