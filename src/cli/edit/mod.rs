//! `unitok edit`: a few tokens of an index changed on purpose, priced before they are, and written so that it can be done again.

mod args;
mod explain;
mod latents;
mod log;
mod operations;
mod output;
mod run;
mod unchanged;

pub use args::Args;
pub use run::run;
