//! How good the tokens are: of any index file ([`audit`]), and of a model over its items ([`model`]).
//!
//! Entropies are in bits. Everything is computed from what it is handed; nothing here opens files.

mod entropy;
mod findings;
mod index;
mod levels;
pub mod model;
mod purity;
mod render;
mod report;

pub use entropy::{Grouping, entropy_bits, mutual_information_bits, normalised_mutual_information};
pub use index::audit;
pub use purity::{PrefixPurity, prefix_purity};
pub use render::{Table, markdown, terminal};
pub use report::{AuditError, Bucket, Codes, Finding, Report, Severity};

pub use levels::Level;
