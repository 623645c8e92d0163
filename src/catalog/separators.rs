//! Paths and tags in one string: what separates them, and what is part of a name.

use super::item::clean;

/// Between the names of a path, in the order in which they are looked for. Entities are what an export left undecoded.
const ARROWS: &[&str] = &[" > ", " -> ", " &gt; ", "»", "›", "→", "::"];

/// What separates the names of a path in a text that has one: also `A>B`, outside of markup.
pub(super) fn arrow(text: &str) -> Option<&'static str> {
    // Most texts are told from paths at a glance: every arrow has one of these bytes, or none of ASCII.
    if text.is_ascii() && memchr::memchr3(b'>', b':', b'&', text.as_bytes()).is_none() {
        return None;
    }
    let tight = || (text.contains('>') && !text.contains('<')).then_some(">");
    ARROWS.iter().copied().find(|arrow| text.contains(arrow)).or_else(tight)
}

/// One path, or several that are separated by commas.
///
/// Commas stand in names too (`Food, Beverages & Tobacco > Snacks`). One separates paths where what stands before it and
/// what follows have an arrow each, or are the root of another path; where a comma is escaped (`\,`), every other one
/// separates. A root that has commas itself is recognised where it returns. Of a field that holds `one` path only such a
/// return begins another.
pub(super) fn paths(text: &str, arrow: &str, one: bool) -> Vec<Vec<String>> {
    if !text.contains(',') {
        return vec![text.split(arrow).map(clean).collect()];
    }
    let root = text.split(arrow).next().unwrap_or_default().trim();
    // `A, A > B` begins with the path `A`, not with a root of this name.
    let (before, last) = root.rsplit_once(',').unwrap_or(("", root));
    let is_name = !before.split(',').any(|name| name.trim() == last.trim());
    let masked = if is_name { root.replace(',', "\u{1}") } else { root.into() };
    let escapes = text.contains("\\,");
    let text = if escapes { text.into() } else { text.replace(root, &masked) };
    let pieces = split_unescaped(&text, ',');
    let name_first = |piece: &str| piece.split(arrow).next().unwrap_or_default().trim().to_owned();
    let roots: Vec<String> = pieces.iter().filter(|piece| piece.contains(arrow)).map(|piece| name_first(piece)).collect();
    let is_path = |piece: &str| match one {
        true => name_first(piece) == masked,
        false => piece.contains(arrow) || roots.contains(&name_first(piece)),
    };
    let mut paths: Vec<String> = Vec::new();
    for piece in pieces {
        match paths.last_mut() {
            Some(last) if !(escapes || is_path(last) && is_path(piece)) => *last = format!("{last},{piece}"),
            _ => paths.push(piece.into()),
        }
    }
    let split = |path: String| path.split(arrow).map(|name| clean(&unescaped(name).replace('\u{1}', ","))).collect();
    paths.into_iter().map(split).collect()
}

/// Paths with slashes, as `/Home/Kitchen/Pans`: `TV/Video` is a name, so one of the pieces has two slashes or begins with
/// one, or with the root of Magento's catalogues.
pub(super) fn slash_paths(pieces: &[&str]) -> Option<Vec<Vec<String>>> {
    let is_path = |piece: &&str| {
        let piece = piece.trim();
        let slashes = piece.trim_end_matches('/').matches('/').count();
        slashes >= 2 || (slashes == 1 && (piece.starts_with('/') || piece.starts_with("Default Category/")))
    };
    let found = pieces.iter().any(is_path) && !pieces.iter().any(|piece| piece.contains("://"));
    let split = |piece: &&str| piece.split('/').map(|name| clean(&unescaped(name))).collect();
    found.then(|| pieces.iter().map(split).collect())
}

/// The pieces between separators that no backslash stands before.
pub(super) fn split_unescaped(text: &str, separator: char) -> Vec<&str> {
    let mut escaped = false;
    text.split(|c| {
        let splits = c == separator && !escaped;
        escaped = c == '\\' && !escaped;
        splits
    })
    .collect()
}

/// Commas without the backslash before them.
pub(super) fn unescaped(text: &str) -> String {
    text.replace("\\,", ",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str, one: bool) -> Vec<String> {
        let arrow = arrow(text).unwrap();
        paths(text, arrow, one).into_iter().map(|path| path.join("/")).collect()
    }

    #[test]
    fn commas_separate_paths_or_stand_in_names() {
        let food = "Food, Beverages & Tobacco";
        for (text, expected) in [
            ("A > B", vec!["A/B"]),
            ("A > B, C", vec!["A/B, C"]),
            ("A > B, C > D", vec!["A/B", "C/D"]),
            ("A > B > C, A > B, A", vec!["A/B/C", "A/B", "A"]),
            ("A, A > B", vec!["A", "A/B"]),
            (r"A > P\, C & F, D", vec!["A/P, C & F", "D"]),
            (r"A > B, Food\, Drink > D", vec!["A/B", "Food, Drink/D"]),
            (&format!("{food} > Snacks"), vec!["Food, Beverages & Tobacco/Snacks"]),
            (&format!("{food} > A, {food} > B"), vec!["Food, Beverages & Tobacco/A", "Food, Beverages & Tobacco/B"]),
            ("A>B,C>D", vec!["A/B", "C/D"]),
            ("A » B", vec!["A/B"]),
            ("A › B, C › D", vec!["A/B", "C/D"]),
            ("A::B", vec!["A/B"]),
            ("A -> B", vec!["A/B"]),
            ("A &gt; B", vec!["A/B"]),
        ] {
            assert_eq!(joined(text, false), expected, "{text}");
        }
        assert_eq!(joined("A > B, C > D", true), ["A/B, C/D"]);
        assert_eq!(joined("Home > A, Home > B", true), ["Home/A", "Home/B"]);
        assert_eq!(["TV/Video", "a < b > c", "A, B"].map(arrow), [None, Some(" > "), None]);
    }

    #[test]
    fn slashes_separate_where_there_are_enough() {
        let joined =
            |pieces: &[&str]| slash_paths(pieces).map(|paths| paths.into_iter().map(|p| p.join(">")).collect::<Vec<_>>());
        assert_eq!(joined(&["Home/Kitchen/Pans"]).unwrap(), ["Home>Kitchen>Pans"]);
        assert_eq!(joined(&["Default Category/Men/Tops", "Default Category/Men"]).unwrap().len(), 2);
        assert_eq!(joined(&["Default Category/Men"]).unwrap(), ["Default Category>Men"]);
        assert_eq!(joined(&["/Home/Pans"]).unwrap(), [">Home>Pans"]);
        for name in ["TV/Video", "AC/", "http://a/b/c", "A"] {
            assert_eq!(joined(&[name]), None, "{name}");
        }
    }
}
