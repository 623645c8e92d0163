//! `unitok tokenize`: reads items or their embeddings, and writes an index of tokens.
//!
//! ```text
//! items ─ texts ─ embeddings ┐
//! embeddings ────────────────┴ engine ─ codes (kept) ─ collision policy ─ index, CSV, details
//! ```
//!
//! Reading, embedding and encoding run side by side ([`stages`]). Only ids and codes are kept to the end, and latents if the
//! collision policy needs them: about a hundred bytes per item.

mod args;
mod input;
mod lock;
mod output;
mod run;
mod stages;

pub use args::Args;
pub use run::run;
