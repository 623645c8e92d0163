//! Policies for items that share a codeword (METHOD.md, Tokens).
//!
//! ```text
//! policy ─ resolve ┬ crowding, suffix
//!                  ├ sinkhorn ─ top_codes
//!                  └ assign ┬ prefix_groups, copies, assignment
//!                           └ overflow ─ nearest_pair, taken_codes, pruned_columns
//! ```

mod assign;
mod assignment;
mod copies;
mod crowding;
mod nearest_pair;
mod overflow;
mod policy;
mod prefix_groups;
mod progress;
mod pruned_columns;
mod resolve;
mod sinkhorn;
mod suffix;
mod taken_codes;
mod top_codes;

pub use policy::Policy;
pub use progress::Watch;
pub use resolve::{CollisionReport, Taken, resolve, resolve_beside, resolve_watched};
pub use suffix::add_suffix;
