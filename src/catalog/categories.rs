//! Categories in the forms that catalogues give them.

use serde_json::Value;

use super::Categories;
use super::item::clean;

/// From a JSON value: a list is tags, a list of lists is paths, a string is parsed by [`from_text`].
pub(super) fn from_value(value: &Value) -> Categories {
    match value {
        Value::String(text) => from_text(text),
        Value::Number(number) => Categories::Tags(vec![number.to_string()]),
        Value::Array(entries) if entries.iter().any(is_path) => Categories::paths(entries.iter().map(path).collect()),
        Value::Array(_) => Categories::tags(leaves(value)),
        _ => Categories::None,
    }
}

/// From a string: a JSON or Python list, a path `A > B` (or several, by `|` or `;`), or tags by `|`, `;` or `,`.
pub(super) fn from_text(text: &str) -> Categories {
    let text = text.trim();
    if let Some(list) = list_literal(text) {
        return from_value(&list);
    }
    let separator = ['|', ';'].into_iter().find(|&c| text.contains(c));
    if has_arrow(text) {
        let paths: Vec<&str> = separator.map_or_else(|| vec![text], |c| text.split(c).collect());
        return Categories::paths(paths.into_iter().map(split_path).collect());
    }
    match separator.or_else(|| text.contains(',').then_some(',')) {
        Some(separator) => Categories::tags(text.split(separator).map(clean).collect()),
        None => Categories::tags(vec![clean(text)]),
    }
}

fn is_path(entry: &Value) -> bool {
    entry.is_array() || entry.as_str().is_some_and(has_arrow)
}

fn path(entry: &Value) -> Vec<String> {
    match entry {
        Value::String(text) => split_path(text),
        _ => leaves(entry),
    }
}

/// `A > B`, or `A>B` outside of markup.
fn has_arrow(text: &str) -> bool {
    text.contains(" > ") || (text.contains('>') && !text.contains('<'))
}

fn split_path(text: &str) -> Vec<String> {
    let arrow = if text.contains(" > ") { " > " } else { ">" };
    text.split(arrow).map(clean).collect()
}

/// Strings and numbers, however deep.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![clean(text)],
        Value::Number(number) => vec![number.to_string()],
        Value::Array(entries) => entries.iter().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}

/// A list written into a table's cell, by JSON or by Python's `str`.
fn list_literal(text: &str) -> Option<Value> {
    if !(text.starts_with('[') && text.ends_with(']')) {
        return None;
    }
    let list = serde_json::from_str(text).or_else(|_| serde_json::from_str(&python_to_json(text)));
    list.ok().filter(Value::is_array)
}

/// Turns Python's single-quoted strings into JSON's.
fn python_to_json(text: &str) -> String {
    let mut json = String::with_capacity(text.len());
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '\'' | '"') => {
                quote = Some(c);
                json.push('"');
            }
            (Some(q), _) if c == q => {
                quote = None;
                json.push('"');
            }
            (Some(_), '"') => json.push_str("\\\""),
            (Some(_), '\\') => match chars.next() {
                Some('\'') => json.push('\''),
                Some(escaped) => json.extend(['\\', escaped]),
                None => {}
            },
            _ => json.push(c),
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&[&str]]) -> Categories {
        Categories::Paths(paths.iter().map(|p| p.iter().map(ToString::to_string).collect()).collect())
    }

    fn tags(tags: &[&str]) -> Categories {
        Categories::Tags(tags.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_form_is_told_apart() {
        let cases = [
            (r#"["b", "a"]"#, tags(&["b", "a"])),
            (r#"[["A", "B"], ["A", "C"]]"#, paths(&[&["A", "B"], &["A", "C"]])),
            (r#"["A > B"]"#, paths(&[&["A", "B"]])),
            (r#"[["A", null, "", 3]]"#, paths(&[&["A", "3"]])),
            (r#""A > B, C""#, paths(&[&["A", "B, C"]])),
            (r#""A > B | C > D""#, paths(&[&["A", "B"], &["C", "D"]])),
            (r#""rpg|action, fast""#, tags(&["rpg", "action, fast"])),
            (r#""rpg; action""#, tags(&["rpg", "action"])),
            (r#""Pizza, Bars ,""#, tags(&["Pizza", "Bars"])),
            (r#""Books""#, tags(&["Books"])),
            (r#""['Men\\'s', \"Women's\"]""#, tags(&["Men's", "Women's"])),
            ("7", tags(&["7"])),
            ("[]", Categories::None),
            ("[[]]", Categories::None),
            ("\"\"", Categories::None),
            ("null", Categories::None),
            ("{}", Categories::None),
        ];
        for (json, expected) in cases {
            assert_eq!(from_value(&serde_json::from_str(json).unwrap()), expected, "{json}");
        }
    }
}
