//! The network that is trained: its layers, its experts, and one step of it.

#[cfg(feature = "autodiff")]
mod autodiff;
pub mod experts;
pub mod layers;
pub mod step;
