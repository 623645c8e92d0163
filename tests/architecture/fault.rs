//! What a check finds.

use std::fmt;

/// A broken rule, where it stands in the sources.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path from the repository's root.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is imported there, and the rule that it breaks.
    pub text: String,
}

impl Fault {
    pub fn new(file: impl Into<String>, line: usize, text: impl Into<String>) -> Self {
        Self { file: file.into(), line, text: text.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}
