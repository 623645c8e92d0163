//! The page's API: a thin, typed layer of `wasm-bindgen` over the library.
//!
//! ```text
//! ItemReader ─ Items ─┐                       ┌─ positions, words, buckets
//! Vectors ─ Tokenizer ─ Tokens ─ Index.build ─┼─ audit
//!    └ TextModel                              ├─ explain, browse, prefix
//!                                             └─ index JSON, CSV, added tokens
//! ```
//!
//! Four modules are built from it. Feature `web` makes the tokenizer, which every visit loads first; `web-files` the readers
//! of catalogues and index files, which come with the first catalogue; `web-text` the text encoder with its Unicode tables,
//! which only items without embeddings need; `web-train` the training of tokenizers, which is loaded when its panel is
//! opened. Each has a memory of its own: what goes from one to another is copied as bytes.
//!
//! Bulk data crosses as typed arrays, small structures as plain objects. Their TypeScript is derived from the Rust structs
//! (`derive(tsify::Tsify)`), so that the page's type checker sees a field that changes here. What
//! panels show is computed in [`crate::inspect`]. Long work is cut by the caller into chunks, so that a worker can report
//! progress and be stopped in between.

#[cfg(any(feature = "web", feature = "web-files"))]
mod audited;
#[cfg(any(feature = "web", feature = "web-text"))]
mod device;
mod error;
#[cfg(any(feature = "web", feature = "web-files"))]
mod file;
#[cfg(feature = "web-files")]
mod files;
#[cfg(any(feature = "web", feature = "web-files"))]
mod strings;
#[cfg(feature = "web-text")]
mod text;
#[cfg(feature = "web")]
mod tokenizer;
#[cfg(feature = "web-train")]
mod trainer;

#[cfg(feature = "web-files")]
pub use files::{IndexFile, ItemReader};
#[cfg(any(feature = "web", feature = "web-files"))]
pub use strings::Strings;
#[cfg(feature = "web-text")]
pub use text::TextModel;
#[cfg(feature = "web")]
pub use tokenizer::{Index, Items, Opening, Placed, Plane, Tokenizer, Tokens, VectorReader, Vectors};
#[cfg(feature = "web-train")]
pub use trainer::{TrainingRun, TrainingSet};

use wasm_bindgen::prelude::*;

/// Runs once when a module is loaded: a panic prints its message before the trap.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
