//! One item of a catalogue, as read.

/// Longest field in characters: what follows is dropped. No encoder reads as far.
pub(super) const MAX_FIELD_CHARS: usize = 10_000;

/// An item. Absent fields are empty. Texts are kept as given (entities too: `&amp;` stays), except that
/// runs of whitespace and control characters become one space and 10,000 characters are the most.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// The catalogue's own id, as a string.
    pub id: String,
    /// Title or name.
    pub title: String,
    /// Brand.
    pub brand: String,
    /// Categories.
    pub categories: Categories,
    /// Free text.
    pub description: String,
}

/// Categories as catalogues give them. No entry and no list is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Categories {
    /// None given.
    #[default]
    None,
    /// A list of paths from general to particular (a list of lists, or a string with `>`).
    Paths(Vec<Vec<String>>),
    /// An unordered list of tags.
    Tags(Vec<String>),
}

impl Categories {
    /// Paths without their empty parts.
    pub(super) fn paths(paths: Vec<Vec<String>>) -> Self {
        let paths: Vec<_> = paths.into_iter().map(trim).filter(|path| !path.is_empty()).collect();
        if paths.is_empty() { Self::None } else { Self::Paths(paths) }
    }

    /// Tags without the empty ones.
    pub(super) fn tags(tags: Vec<String>) -> Self {
        let tags = trim(tags);
        if tags.is_empty() { Self::None } else { Self::Tags(tags) }
    }
}

/// Without empty entries, and [`MAX_FIELD_CHARS`] in all.
fn trim(entries: Vec<String>) -> Vec<String> {
    let mut room = MAX_FIELD_CHARS;
    let fits = |entry: &String| {
        let chars = entry.chars().count();
        let fits = chars <= room;
        room = room.saturating_sub(chars);
        fits
    };
    entries.into_iter().filter(|entry| !entry.is_empty()).take_while(fits).collect()
}

/// One space for each run of whitespace and control characters, none at the ends, at most [`MAX_FIELD_CHARS`].
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MAX_FIELD_CHARS));
    let (mut chars, mut gap) = (0, false);
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = chars > 0;
            continue;
        }
        if chars + usize::from(gap) >= MAX_FIELD_CHARS {
            break;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
            chars += 1;
        }
        out.push(c);
        chars += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_collapses_space_and_caps_length() {
        assert_eq!(clean("  a \t\r\n\0 b\u{a0}c &amp; "), "a b c &amp;");
        assert_eq!(clean(&"é ".repeat(100_000)).chars().count(), MAX_FIELD_CHARS - 1);
        assert_eq!(clean(" \u{1} "), "");
    }
}
