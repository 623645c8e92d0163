//! What training any model needs.

pub mod log;
pub mod optimizer;
