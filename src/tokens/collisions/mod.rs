//! What to do about items that share a codeword.

mod assign;
mod assignment;
mod chains;
mod groups;
mod nearest_pair;
mod overflow;
mod policy;
mod progress;
mod pruned_costs;
mod resolve;
mod sinkhorn;
mod taken_codes;

pub use policy::Policy;
pub use progress::Watch;
pub use resolve::{CollisionReport, add_suffix, resolve, resolve_watched};
