//! What training any model needs, whatever the model is.
//!
//! | file | what it does |
//! |---|---|
//! | `parameters` | tensors by name, and gradients of them |
//! | `optimizer` | AdamW |
//! | `schedule` | learning rates by step |
//! | `early_stopping` | when to stop, by a score that is measured now and then |
//! | `checkpoint` | the state of a run as bytes |
//! | `log` | measurements as lines of JSON |
//! | `observer` | whoever watches a run |
//! | `seed` | random numbers that depend on the seed and their purpose alone |
//! | `fingerprint` | what a resumed run must have in common with its beginning |
//! | `folder` | a run's files (feature `files`): checkpoints, log, results |
//!
//! `tests/learn/regression.rs` trains a small model of another kind with it.
//!
//! All but `folder` work on bytes and slices, without threads, clocks or paths of their own, and compile for
//! WebAssembly.

pub mod checkpoint;
pub mod early_stopping;
pub mod fingerprint;
#[cfg(feature = "files")]
pub mod folder;
pub mod log;
pub mod observer;
pub mod optimizer;
pub mod parameters;
pub mod schedule;
pub mod seed;
