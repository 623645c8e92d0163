//! Words of messages.

use std::fmt::Display;

/// A count and what is counted: `1 item`, `2 items`. The plural of `one` ends in an s.
pub fn counted<N: Display + PartialEq + From<u8>>(n: N, one: &str) -> String {
    if n == N::from(1) { format!("{n} {one}") } else { format!("{n} {one}s") }
}

/// The form of a verb that fits a count: `verb(1, "has", "have")`.
pub fn verb<N: PartialEq + From<u8>>(n: N, one: &'static str, many: &'static str) -> &'static str {
    if n == N::from(1) { one } else { many }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_every_other_count_is_not() {
        assert_eq!([0usize, 1, 2].map(|n| counted(n, "item")), ["0 items", "1 item", "2 items"]);
        assert_eq!([0usize, 1, 2].map(|n| verb(n, "has", "have")), ["have", "has", "have"]);
    }
}
