//! What to do about items that share a codeword.

mod assign;
mod assignment;
mod chains;
mod nearest_pair;
mod overflow;
mod policy;
mod progress;
mod pruned_costs;
mod sinkhorn;
mod taken_codes;

pub use policy::{CollisionReport, Policy, add_suffix, resolve, resolve_watched};
pub use progress::Watch;
