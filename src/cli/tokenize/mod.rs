//! `unitok tokenize`: items or their vectors in, an index of tokens out.
//!
//! ```text
//! items ─ texts ─ vectors ┐
//! embeddings ─────────────┴ engine ─ codes (kept) ─ collision policy ─ index, CSV, details
//! ```
//!
//! Reading, embedding and encoding go on side by side. Only ids and codes are kept, so that memory grows by about a hundred bytes an item.

mod args;
mod input;
mod output;
mod run;
mod stages;

pub use args::Args;
pub use run::run;
