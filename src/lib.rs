//! UniTok: one item tokenizer for every recommendation domain (arXiv 2511.12922).
//!
//! What is computed, and why so, is in [`model::method`], which comments cite as METHOD.md.
//!
//! A module imports only from modules before it in this list; `ARCHITECTURE.md` has the order, and a test holds it.
//!
//! | module | what it does |
//! |---|---|
//! | [`base`] | ids, floats, hashes, random numbers, files, sorting, clock, work on threads |
//! | [`tables`] | CSV and Parquet files as tables (Parquet: feature `parquet`) |
//! | [`catalog`] | reading items |
//! | [`interactions`] | reading what users did with items |
//! | [`model`] | the description of a tokenizer, its weights, an item's text |
//! | [`vectors`] | files of embeddings |
//! | [`compute`] | matrix products on the CPU and on GPUs, statistics |
//! | [`engine`] | embedding → codes, on the CPU or a GPU |
//! | [`text`] | text → embedding (MiniLM-class sentence encoder) |
//! | [`tokens`] | codes → tokens: layouts, collisions, trie, export |
//! | [`inspect`] | one item, code or catalogue explained |
//! | [`audit`] | how good an index or a model is |
//! | `learn` | what training any model needs: optimiser, schedules, checkpoints, log, run folder (feature `learn`) |
//! | `train` | weights from embeddings (feature `train`) |
//! | [`recommend`] | recommenders and how well they do (training them: feature `train`) |
//! | `compare` | the comparison of tokenizers and recommenders over catalogues (features `train` and `files`) |
//! | `bench` | how fast each stage is, and whether its results are right (feature `cli`) |
//! | `cli`, `web` | thin shells: the program and the page |
//!
//! # Adding to it
//!
//! A module: `pub mod` here with a row in this table, its name in the order of modules and a row in the table of
//! `ARCHITECTURE.md`, and a row in the README's map. A subcommand: a file in `cli` and a variant of its `Command`. A request
//! of the page: an entry in `www/shared/protocol.d.ts`, after which `tsc` names the handler that is missing. A collision
//! policy: a variant of [`tokens::Policy`], which the compiler follows to `tokens/collisions/resolve.rs`.
//!
#![doc = include_str!("FORMATS.md")]
// It panics where stderr is closed: `cli::output` has `say`.
#![warn(clippy::print_stderr)]

pub mod audit;
pub mod base;
#[cfg(feature = "cli")]
pub mod bench;
pub mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(all(feature = "train", feature = "files"))]
pub mod compare;
pub mod compute;
pub mod engine;
pub mod inspect;
pub mod interactions;
#[cfg(feature = "learn")]
pub mod learn;
pub mod model;
pub mod recommend;
pub mod tables;
pub mod text;
pub mod tokens;
#[cfg(feature = "train")]
pub mod train;
pub mod vectors;
#[cfg(feature = "bindings")]
pub mod web;
