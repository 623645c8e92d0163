//! Names that are typed.

/// A name of nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} «{name}»: choose from {}", .known.join(", "))]
pub struct UnknownName {
    /// What was to be named.
    pub what: &'static str,
    /// What was typed.
    pub name: String,
    /// What there is.
    pub known: Vec<&'static str>,
}
