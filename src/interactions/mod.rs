//! What users did with items, in time order, from any of the usual files.
//!
//! ```text
//!            lines, CSV, TSV ─ text ───┐
//! {"user": [items]}, objects ─ json ───┼ rows ─ columns (which is which) ─ builder ─ Sequences ─ splits
//!                    Parquet ─ parquet ┘
//! ```
//!
//! Every form is a source of rows with named columns (`rows`): a user, an item or a list of items, perhaps a time. Which
//! column is which is found by their names (`names`) and by the ids that are known (`columns`; `layout` without a header).

mod builder;
mod cell;
mod columns;
mod error;
mod history;
mod json;
mod layout;
mod names;
mod open;
#[cfg(feature = "parquet")]
mod parquet;
mod part;
mod reading;
mod rows;
mod sequences;
mod splits;
mod text;
mod time;

pub use error::{Fault, SequencesError};
#[cfg(feature = "files")]
pub use open::open;
pub use open::{Options, from_reader};
pub use part::{Named, Part};
pub use reading::Reading;
pub use sequences::Sequences;
pub use splits::{LeaveOneOut, MIN_INTERACTIONS};
