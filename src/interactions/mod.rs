//! What users did with items, in time order.

mod sequences;

pub use sequences::{Sequences, SequencesError};
