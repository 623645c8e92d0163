//! Training: losses and gradients against a float64 reference, exact repetition, exact resumption.
#![cfg(feature = "train")]

mod golden;
mod runs;
