//! Audits of indexes and models: small ones computed by hand, published indexes, and the program.

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "cli")]
mod diff;
mod forms;
mod grid;
mod index;
mod model;
mod published;
#[cfg(feature = "files")]
mod quality;
#[cfg(feature = "cli")]
mod quality_cli;
