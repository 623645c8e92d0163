//! The WGSL engine.
