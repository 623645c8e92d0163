//! Recommenders against brute force.

#[cfg(feature = "train")]
mod generative;
mod popularity;
