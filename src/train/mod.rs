//! Training on burn.
