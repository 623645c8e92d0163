//! Codebooks outside of gradient steps.
//!
//! | file | what it does |
//! |---|---|
//! | `kmeans` | Lloyd's algorithm for one codebook |
//! | `even` | the same, with codes that are used alike |
//! | `means` | the step of both that moves codes |
//! | `residual` | the codebooks of one quantizer, level by level |
//! | `refit` | all codebooks once more, between joint training and the decoder's own |
//! | `reseed` | codes that nobody uses, during joint training |
//! | `clusters` | even clusters of codes, for the diversity loss |

pub mod clusters;
mod even;
pub mod kmeans;
mod means;
pub mod refit;
pub mod reseed;
pub mod residual;
