//! What panels and commands show of one item, one code or one catalogue.

mod terms;

pub use terms::Terms;
