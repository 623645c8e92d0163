//! Parses `Range` headers, which request a part of a file (RFC 9110, section 14).

/// The part of a file to send.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole file: no range was requested, or one that may be ignored.
    Whole,
    /// From the first byte to the last, both inclusive.
    Range(u64, u64),
    /// The range lies outside the file.
    Unsatisfiable,
}

/// The part of a file of `length` bytes that a `Range` header requests. A list of ranges is answered with the whole file.
pub fn part(range: Option<&str>, length: u64) -> Part {
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Part::Whole;
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (from, to) = match (number(first), number(last)) {
        (Some(from), Some(to)) if from <= to => (from, to.min(length.saturating_sub(1))),
        (Some(from), None) if last.trim().is_empty() => (from, length.saturating_sub(1)),
        (None, Some(0)) if first.trim().is_empty() => return Part::Unsatisfiable,
        (None, Some(count)) if first.trim().is_empty() => (length.saturating_sub(count), length.saturating_sub(1)),
        _ => return Part::Whole,
    };
    if from < length { Part::Range(from, to) } else { Part::Unsatisfiable }
}

#[cfg(test)]
mod tests {
    use super::{Part, part};

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let cases = [
            ("bytes=0-3", Part::Range(0, 3)),
            ("bytes=4-", Part::Range(4, 9)),
            ("bytes=-3", Part::Range(7, 9)),
            ("bytes=-30", Part::Range(0, 9)),
            ("bytes=8-99", Part::Range(8, 9)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-4", Part::Whole),
            ("bytes=0-1,4-5", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("items=0-3", Part::Whole),
            ("bytes=99999999999999999999-", Part::Whole),
        ];
        for (range, expected) in cases {
            assert_eq!(part(Some(range), 10), expected, "{range}");
        }
        assert_eq!(part(None, 10), Part::Whole);
        assert_eq!(part(Some("bytes=0-"), 0), Part::Unsatisfiable);
    }
}
