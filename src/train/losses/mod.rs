//! The losses whose gradients are closed forms, computed on the host: value and gradient at once.
//!
//! Reconstruction goes through automatic differentiation (see [`crate::train::network::step`]); these two do
//! not need it, and written out they cost a hundredth of the one-hot matrix products that a
//! differentiable gather would take.

pub mod mutual_information;
pub mod quantization;
