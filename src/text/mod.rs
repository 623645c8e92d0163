//! Item text → embedding.
