//! Statistics over rows of numbers.

pub mod hsic;
