//! Changing a few tokens of an index on purpose: each edit is priced before it is done, and written so that it can be done
//! again.

mod editor;
mod error;
mod log;

pub use editor::Editor;
pub use error::EditError;
pub use log::{Edit, Move, Operation, replay};
