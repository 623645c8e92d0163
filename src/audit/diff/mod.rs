//! What changed from one index to the next: items that came, left or have other tokens, and what that costs a recommender
//! which was trained on the first.

mod change;
mod experts;
mod joined;
mod reasons;
mod relearn;
mod render;
mod report;

pub use change::Change;
pub use experts::ExpertChange;
pub use reasons::{Reason, Reasons};
pub use relearn::{Affected, Relearn};
pub use render::diff_tables;
pub use report::{Diff, NothingInCommon, diff};
