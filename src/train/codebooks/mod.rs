//! Codebooks outside of gradient steps: k-means, the refit, codes put to use again.

pub mod kmeans;
pub mod refit;
pub mod reseed;
