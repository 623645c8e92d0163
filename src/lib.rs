//! UniTok: one item tokenizer for every recommendation domain (arXiv 2511.12922).
//!
//! Data flows one way:
//!
//! ```text
//! catalog ─ text ─ engine ─ tokens ─ audit
//!                    ▲
//!                  train   (only produces weights)
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`config`] | the one description of a tokenizer |
//! | [`weights`] | a model in memory and its folder, validated |
//! | [`catalog`] | reading items; an item's text |
//! | [`embeddings`] | reading and writing vectors: `.npy`, safetensors |
//! | `columnar` | Parquet files: items, vectors, indexes (feature `parquet`) |
//! | [`text`] | text → embedding (MiniLM-class sentence encoder) |
//! | [`engine`] | embedding → codes, on the CPU or a GPU |
//! | [`tokens`] | codes → tokens: layouts, collisions, trie, export |
//! | [`audit`] | how good an index or a model is |
//! | `train` | weights from embeddings (feature `train`; burn for GPUs) |
//! | `bench` | how fast each stage is, and whether its results are right (feature `cli`) |
//! | `cli`, `web` | thin shells: the program and the page |

pub mod audit;
#[cfg(feature = "cli")]
pub mod bench;
pub mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "parquet")]
pub mod columnar;
pub mod config;
#[cfg(feature = "cli")]
pub mod default_model;
pub mod embeddings;
pub mod engine;
#[cfg(any(feature = "cli", feature = "train", feature = "parquet"))]
mod files;
mod floats;
mod order;
mod send;
pub mod text;
pub mod tokens;
#[cfg(feature = "train")]
pub mod train;
#[cfg(feature = "bindings")]
pub mod web;
pub mod weights;
