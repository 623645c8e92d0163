//! The losses whose gradients are closed forms, computed on the host: value and gradient at once.
//!
//! Reconstruction goes through automatic differentiation (see [`super::network`]); these two do
//! not need it, and written out they cost a hundredth of the one-hot matrix products that a
//! differentiable gather would take.

pub mod hsic;
pub mod quantization;
