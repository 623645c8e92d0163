//! The recommenders, a file or folder each.
//!
//! To add one: a file here with a type that implements [`Recommender`](super::recommender::Recommender), and
//! [`Learner`](super::fit::learner::Learner) if gradients train it.

mod bpr;
pub mod generative;
pub mod graph;
pub mod lightgcn;
pub mod mf;
pub mod popularity;
pub mod sequential;
#[cfg(test)]
mod testing;
