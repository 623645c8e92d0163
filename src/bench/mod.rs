//! Speed of each stage of UniTok on this machine.

#[cfg(feature = "train")]
pub mod train;
