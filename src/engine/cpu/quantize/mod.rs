//! Residual quantization and routing on the CPU.

mod beam;
mod choice;
mod nearest;
mod quantizer;
mod route;

pub use beam::Beam;
pub use choice::Choice;
pub use quantizer::{Quantizer, Search, Workspace};
pub use route::route;

pub use super::screen::{Level, Nearest};
