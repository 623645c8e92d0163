//! Foundations that every other module may use. They know nothing of items, models or devices.

#[cfg(any(feature = "cli", feature = "train", feature = "parquet"))]
pub mod files;
pub mod floats;
pub mod ids;
pub mod parallel;
pub mod send;
pub mod sort;
pub mod sums;
