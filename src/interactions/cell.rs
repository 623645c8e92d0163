//! A value of a row: an id, a number, or a list of ids.

use std::borrow::Cow;

/// A value as a format gives it. Numbers keep their digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Nothing there.
    Missing,
    /// A text or a number.
    Text(Cow<'a, str>),
    /// Several of them.
    List(Vec<Cow<'a, str>>),
    /// Anything else.
    Other,
}

impl<'a> Cell<'a> {
    /// A cell of a text file.
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        if text.trim_start().is_empty() { Self::Missing } else { Self::Text(text) }
    }

    /// The same, independent of the row.
    pub(super) fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Text(text) => Cell::Text(text.into_owned().into()),
            Self::List(list) => Cell::List(list.into_iter().map(|text| text.into_owned().into()).collect()),
            Self::Other => Cell::Other,
        }
    }

    /// The same value, lent.
    pub(super) fn borrowed(&self) -> Cell<'_> {
        match self {
            Self::Missing => Cell::Missing,
            Self::Text(text) => Cell::Text(Cow::Borrowed(text)),
            Self::List(list) => Cell::List(list.iter().map(|text| Cow::Borrowed(&**text)).collect()),
            Self::Other => Cell::Other,
        }
    }

    /// Its entries: a text that holds a list is taken apart.
    pub(super) fn entries(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Missing | Self::Other => Vec::new(),
            Self::Text(text) => entries(text),
            Self::List(list) => list.iter().map(|text| Cow::Borrowed(&**text)).collect(),
        }
    }
}

/// Whether a text is written as a list: `[1, 2]`, `['a', 'b']`, `(1, 2)`.
pub(super) fn is_bracketed(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with('[') && text.ends_with(']')) || (text.starts_with('(') && text.ends_with(')'))
}

/// The entries of a list as JSON, Python or NumPy write it, or of ids separated by white space, `,`, `;` or `|`.
fn entries(text: &str) -> Vec<Cow<'_, str>> {
    let text = text.trim();
    let mut rest = if is_bracketed(text) { &text[1..text.len() - 1] } else { text };
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(is_separator);
        let Some(first) = rest.chars().next() else { return found };
        let closing = if matches!(first, '\'' | '"') { rest[1..].find(first) } else { None };
        let (entry, after) = match closing {
            Some(end) => (&rest[1..=end], &rest[end + 2..]),
            None => rest.split_at(rest.find(is_separator).unwrap_or(rest.len())),
        };
        found.push(Cow::Borrowed(entry));
        rest = after;
    }
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_everyone_writes_them() {
        for text in
            ["a b c", "a,b,c", "a, b, c", "a|b|c", "['a', 'b', 'c']", r#"["a", "b", "c"]"#, "[a b\n c]", "('a', 'b', 'c')"]
        {
            assert_eq!(Cell::text(text).entries(), ["a", "b", "c"], "{text}");
        }
        assert_eq!(Cell::text("['a b', \"c's\"]").entries(), ["a b", "c's"]);
        assert!(Cell::text("[]").entries().is_empty());
        assert_eq!(Cell::text(" ").entries(), Vec::<&str>::new());
        assert_eq!(Cell::text("7").entries(), ["7"]);
    }
}
