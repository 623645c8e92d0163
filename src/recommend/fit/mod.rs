//! Training a recommender by gradients: batches, optimiser, validation, early stopping, checkpoints.
//!
//! | file | what it does |
//! |---|---|
//! | `batches` | samples in the order of an epoch |
//! | `windows` | the users' sequences in pieces of bounded length, and batches of these |
//! | `learner` | what a model answers to be trained |
//! | `options` | epochs, rates, patience |
//! | `run` | one epoch after the other, with all that changes in a checkpoint |

pub mod batches;
pub mod learner;
pub mod options;
pub mod run;
pub mod windows;
