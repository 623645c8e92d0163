//! Statistics over rows of numbers, and how sure the means and correlations of a comparison are.

#[cfg(feature = "learn")]
pub mod bootstrap;
pub mod hsic;
#[cfg(feature = "learn")]
pub mod interval;
#[cfg(feature = "learn")]
pub mod spearman;
