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

impl Item {
    /// An item of a title alone, as somebody typed it.
    pub fn typed(title: &str) -> Self {
        Self { id: "typed".into(), title: clean(title), ..Self::default() }
    }

    /// Whether each word, given in lower case, stands somewhere in the id, title, brand or categories.
    pub fn mentions(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let categories = self.categories.names().map(String::as_str);
        let fields = [self.id.as_str(), &self.title, &self.brand].into_iter().chain(categories);
        // A word never spans two fields: fields have no line breaks.
        let text = fields.collect::<Vec<_>>().join("\n").to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    }
}

impl Categories {
    /// Every name, in order.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        let (paths, tags): (&[Vec<String>], &[String]) = match self {
            Self::None => (&[], &[]),
            Self::Paths(paths) => (paths, &[]),
            Self::Tags(tags) => (&[], tags),
        };
        paths.iter().flatten().chain(tags)
    }

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
    if is_clean(text.as_bytes()) {
        return text.into();
    }
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

/// Whether nothing is to be done, as is seen fast of most texts: printable ASCII with single spaces inside.
fn is_clean(text: &[u8]) -> bool {
    text.len() <= MAX_FIELD_CHARS
        && text.iter().all(|b| matches!(b, b' '..=b'~'))
        && ![text.first(), text.last()].contains(&Some(&b' '))
        && !text.windows(2).any(|pair| pair == b"  ")
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

    #[test]
    fn every_word_must_be_mentioned_somewhere() {
        let categories = Categories::Paths(vec![vec!["Home".into(), "Lamps".into()]]);
        let item = Item { id: "A7".into(), title: "Désk Lamp".into(), categories, ..Item::default() };
        let mentions = |query: &str| item.mentions(&query.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>());
        assert!(mentions("") && mentions("DÉSK") && mentions("home a7 lamp"));
        assert!(!mentions("desk") && !mentions("lamp chair"));
    }
}
