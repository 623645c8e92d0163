//! Foundations that every other module may use. They know nothing of items, models or devices.

pub mod clock;
#[cfg(feature = "files")]
pub mod files;
pub mod floats;
pub mod hash;
pub mod ids;
pub mod parallel;
pub mod random;
pub mod sort;
pub mod spectrum;
pub mod sums;
pub mod words;
