//! What panels and commands show of one item, one code or one catalogue.

#[cfg(feature = "web")]
mod browse;
#[cfg(feature = "web")]
mod explain;
#[cfg(feature = "web")]
mod flow;
#[cfg(feature = "web")]
mod prefix;
mod terms;
#[cfg(feature = "web")]
mod trust;

pub use terms::Terms;
