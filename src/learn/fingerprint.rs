//! What a resumed run must have in common with its beginning, as text: a line for a setting or a part of the data.

/// The lines in which two fingerprints differ, those of the beginning first.
pub fn differences(then: &str, now: &str) -> String {
    let only = |a: &str, b: &str, mark: &str| -> Vec<String> {
        let other: Vec<&str> = b.lines().collect();
        a.lines().filter(|l| !l.is_empty() && !other.contains(l)).map(|l| format!("  {mark}: {l}")).collect()
    };
    [only(then, now, "then"), only(now, then, "now")].concat().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_a_difference_are_told() {
        assert_eq!(differences("rate = 1\nseed = 2\n", "rate = 3\n\nseed = 2\n"), "  then: rate = 1\n  now: rate = 3");
        assert_eq!(differences("a", "a"), "");
    }
}
