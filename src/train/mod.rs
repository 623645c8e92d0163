//! Training a tokenizer; `METHOD.md` has the method.
//!
//! | folder or file | what it does |
//! |---|---|
//! | `data` | vectors by domain, batches that mix domains equally |
//! | `losses` | reconstruction, quantization and mutual information: values and gradients |
//! | `network` | losses and gradients of a step, in closed form or by automatic differentiation |
//! | `codebooks` | k-means, the refit, codes put to use again |
//! | `recipes` | which steps train a model, in what order |
//! | `extend` | an expert for a new domain, beside all that stays |
//! | `live` | a run that somebody watches and takes part in |
//!
//! All of it compiles for WebAssembly, and works without threads, clocks and paths, but for the sessions of a recipe,
//! which keep a run in a folder (feature `files`).

pub mod codebooks;
pub mod data;
mod error;
pub mod extend;
pub mod live;
pub mod losses;
pub mod network;
pub mod recipes;
mod statistics;

pub use error::TrainError;
