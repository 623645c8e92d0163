//! The audit of indexes and models: by hand, on published indexes, and through the program.

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "cli")]
mod cli;
mod index;
mod model;
mod popularity;
mod published;
