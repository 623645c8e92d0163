//! How good tokens are: those of any index file ([`audit`]), and those of a model on items ([`model`]); and how two indexes
//! differ ([`diff`]).
//!
//! Entropies are in bits. Nothing here opens files. METHOD.md, Measurement, defines the quantities.

mod dependence;
#[cfg(feature = "files")]
pub mod diff;
mod entropy;
mod findings;
mod index;
mod levels;
mod loss;
pub mod model;
mod numbers;
mod purity;
#[cfg(feature = "files")]
pub mod quality;
mod render;
mod report;
mod verdict;

pub use entropy::{Grouping, entropy_bits, mutual_information_bits, normalised_mutual_information};
pub use index::audit;
pub use purity::{PrefixPurity, prefix_purity};
pub use render::{Table, markdown, terminal};
pub use report::{AuditError, Bucket, Codes, Finding, Report, Severity, Verdict};

pub use levels::Level;
pub use loss::{Loss, PositionLoss};
