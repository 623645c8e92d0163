//! The page's API: a thin, typed layer of `wasm-bindgen` over the library.
//!
//! ```text
//! Items ──────────────┐                       ┌─ positions, words, buckets
//! Vectors ─ Tokenizer ─ Tokens ─ Index.build ─┼─ audit
//!    └ TextModel                              └─ index JSON, CSV
//! ```
//!
//! Bulk data crosses as typed arrays, small structures as plain objects (their TypeScript is
//! beside them). Long work is cut by the caller into chunks, so that a worker can report progress
//! and be stopped in between.

mod error;
mod index;
mod items;
mod text;
mod tokenizer;
mod tokens;
mod vectors;

pub use index::Index;
pub use items::{Items, Strings};
pub use text::TextModel;
pub use tokenizer::Tokenizer;
pub use tokens::Tokens;
pub use vectors::Vectors;

use wasm_bindgen::prelude::*;

/// Runs once when the module is loaded: a panic prints its message before the trap.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
