//! What users did with items, in time order.

mod sequences;
mod splits;

pub use sequences::{Sequences, SequencesError};
pub use splits::{LeaveOneOut, MIN_INTERACTIONS};
