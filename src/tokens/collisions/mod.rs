//! What to do about items that share a codeword.

mod assign;
mod assignment;
mod nearest_pair;
mod overflow;
mod policy;
mod prefix_groups;
mod progress;
mod pruned_columns;
mod resolve;
mod sinkhorn;
mod taken_codes;
mod top_codes;

pub use policy::Policy;
pub use progress::Watch;
pub use resolve::{CollisionReport, add_suffix, resolve, resolve_watched};
