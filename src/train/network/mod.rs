//! The network that is trained, and one step of it.
//!
//! | file | what it does |
//! |---|---|
//! | `step` | losses and gradients of a batch, on the device of a run |
//! | `batch` | what a step is told of its items |
//! | `criterion` | what a step minimises and answers |
//! | `closed_form` | a step on the CPU |
//! | `layers` | affine layers, forward and backward |
//! | `experts` | the mixture of the experts' outputs, forward and backward |
//! | `autodiff` | the same step by automatic differentiation (feature `autodiff`) |
//! | `device` | where a step is computed |
//! | `parameters` | the names of the tensors |
//! | `xavier`, `discriminant` | Xavier weights; the router's starting point |

#[cfg(feature = "autodiff")]
mod autodiff;
pub mod batch;
pub mod closed_form;
pub mod criterion;
pub mod device;
pub mod discriminant;
pub mod experts;
pub mod layers;
pub mod linear_start;
pub mod parameters;
pub mod step;
pub mod xavier;
