//! Changing a few tokens of an index on purpose: each edit is priced before it is done, and written so that it can be done
//! again.

mod editor;
mod error;
mod log;
mod operation;
mod stamp;
mod state;

pub use editor::Editor;
pub use error::{EditError, LogError};
pub use log::{Log, Run, lines};
pub use operation::{Edit, Move, Operation, Removed};
pub use stamp::Stamp;
pub use state::State;
