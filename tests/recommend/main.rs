//! Recommenders against brute force.

#[cfg(feature = "train")]
mod generative;
mod popularity;
#[cfg(all(feature = "train", feature = "cli"))]
mod sessions;
