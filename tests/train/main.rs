//! Training: losses and gradients against a float64 reference, exact repetition, exact resumption.
#![cfg(all(feature = "train", feature = "files"))]

#[cfg(feature = "autodiff")]
mod autodiff;
mod extend;
mod golden;
#[cfg(feature = "cli")]
#[path = "../common/histories.rs"]
mod histories;
#[cfg(feature = "cli")]
mod inputs;
mod live;
mod recipes;
mod runs;
mod targets;
#[path = "../common/model.rs"]
mod tiny;
