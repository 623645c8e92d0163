//! The losses in closed form: value and gradient at once.
//!
//! Automatic differentiation takes the quantization and information losses from here too: written out, they cost a
//! hundredth of the one-hot matrix products that a differentiable gather would take.

pub mod alignment;
pub mod balance;
pub mod diversity;
pub mod mutual_information;
pub mod options;
pub mod quantization;
pub mod reconstruction;
