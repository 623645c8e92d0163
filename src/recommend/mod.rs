//! Recommenders, and how well they do: item by item, whatever tokens they use.
//!
//! | file | what it does |
//! |---|---|
//! | `metrics`, `popularity` | metrics of a ranking; the popularity baselines of an audit |
//! | `dataset` | what recommenders learn from and are asked |
//! | `placement` | where a target stands in a list, and the metrics that follow |
//! | `recommender` | what every recommender answers |
//! | `identifiers` | identifiers without training, to compare tokenizers with |
//! | `models` | the recommenders |
//! | `network` | layers with their gradients, for those that learn by gradients |
//! | `fit` | training by gradients |
//! | `kind` | the recommenders by name, at each size |
//! | `session`, `job`, `record` | a run from start to finish (feature `files`), and what is reported of it |
//!
//! All but the first row are behind the feature `train`.

#[cfg(feature = "train")]
pub mod dataset;
#[cfg(feature = "train")]
pub mod fit;
#[cfg(feature = "train")]
pub mod identifiers;
#[cfg(all(feature = "train", feature = "files"))]
mod job;
#[cfg(feature = "train")]
pub mod kind;
mod metrics;
#[cfg(feature = "train")]
pub mod models;
#[cfg(feature = "train")]
pub mod network;
#[cfg(feature = "train")]
pub mod placement;
mod popularity;
#[cfg(feature = "train")]
pub mod recommender;
#[cfg(feature = "train")]
pub mod record;
#[cfg(all(feature = "train", feature = "files"))]
pub mod session;

pub use metrics::{Scores, bucket_gain};
pub use popularity::{Popularity, popularity};
