//! Categories in the forms that catalogues give them.

use std::borrow::Cow;
use std::ops::BitAnd;

use serde_json::{Map, Value};

use super::Categories;
use super::item::clean;
use super::separators::{arrow, paths, slash_paths, split_unescaped, unescaped};
use super::values::{Taken, collect, in_one_language, literal_in, name_of, text};
use crate::tables::split;

/// What a field's name and type say about its categories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Grammar {
    /// One path, in whose names commas may stand.
    pub one_path: bool,
    /// Tags separated by spaces, as RecBole's `token_seq` is.
    pub spaced: bool,
}

/// How some catalogues write that there are none.
const NONE: &[&str] = &["(no genres listed)"];

/// From a JSON value: a list is tags, a list of lists is paths, a string is parsed by [`from_text`]. An object is what it
/// is named by, or a path where it tells its parent or its children.
pub(super) fn from_value(value: &Value, grammar: Grammar) -> Taken<Categories> {
    let taken = |value| Taken { value, whole: true };
    match value {
        Value::Null => taken(Categories::None),
        Value::Bool(_) => Taken::default(),
        Value::String(text) => taken(from_text(text, grammar)),
        Value::Number(number) => taken(Categories::Tags(vec![number.to_string()])),
        Value::Array(entries) => from_list(&in_one_language(entries)),
        Value::Object(object) if object.keys().all(|key| key.bytes().all(|b| b.is_ascii_digit())) => {
            from_list(&object.values().collect::<Vec<_>>())
        }
        Value::Object(object) if is_node(object) => from_list(&[value]),
        Value::Object(object) => name_of(object).map_or_else(Taken::default, |name| from_value(name, grammar)),
    }
}

fn from_list(entries: &[&Value]) -> Taken<Categories> {
    let mut whole = true;
    let value = if entries.iter().any(|entry| is_path(entry)) {
        let paths = entries.iter().flat_map(|entry| paths_of(entry, &mut whole));
        Categories::paths(paths.collect())
    } else {
        let mut tags = Vec::new();
        for entry in entries {
            whole &= collect(entry, &mut tags);
        }
        Categories::tags(tags.iter().map(|tag| clean(tag)).filter(|tag| !NONE.contains(&tag.as_str())).collect())
    };
    Taken { value, whole }
}

/// From a string: a JSON or Python list, a path `A > B` (or several, by `|`, `;` or commas), or tags by `|`, `;` or `,`.
pub(super) fn from_text(text: &str, grammar: Grammar) -> Categories {
    let text = text.trim();
    if NONE.contains(&text) {
        return Categories::None;
    }
    if let Some(list @ (Value::Array(_) | Value::Object(_))) = literal_in(text) {
        return from_value(&list, grammar).value;
    }
    if let Some(names) = written_list(text) {
        return from_value(&names, grammar).value;
    }
    let separator = ['|', ';'].into_iter().find(|&c| text.contains(c) && !text.contains("&gt;"));
    if let Some(arrow) = arrow(text) {
        let groups: Vec<&str> = separator.map_or_else(|| vec![text], |c| text.split(c).collect());
        return Categories::paths(groups.into_iter().flat_map(|group| paths(group, arrow, grammar.one_path)).collect());
    }
    let separator = separator.or_else(|| text.contains(',').then_some(','));
    let pieces = separator.map_or_else(|| vec![text], |separator| split_unescaped(text, separator));
    if let Some(paths) = slash_paths(&pieces) {
        return Categories::paths(paths);
    }
    match separator {
        None if grammar.spaced => Categories::tags(text.split_whitespace().map(clean).collect()),
        Some(',') if grammar.one_path => Categories::tags(vec![clean(text)]),
        _ => Categories::tags(pieces.into_iter().map(|piece| clean(&unescaped(piece))).collect()),
    }
}

/// Lists that are neither JSON nor Python's: a tuple, a set or a list without brackets, NumPy's `['a' 'b']`, and `{a,"b c"}`,
/// as PostgreSQL writes arrays.
fn written_list(text: &str) -> Option<Value> {
    let inside = |open: &str, close: char| text.strip_prefix(open)?.rsplit_once(close).map(|found| found.0.trim());
    let is_quoted = |inner: &&str| inner.starts_with(['\'', '"']) && inner.ends_with(['\'', '"', ',']);
    let inner = if text.starts_with('\'') {
        Some(text)
    } else if text.ends_with(['}', ']', ')']) {
        ["(", "{", "[", "array(["].into_iter().zip([')', '}', ']', ']']).find_map(|(open, close)| inside(open, close))
    } else {
        None
    }?;
    let quoted = || {
        let mut inner = clean(inner.trim_end_matches(','));
        for (apart, listed) in [("' '", "', '"), ("' \"", "', \""), ("\" '", "\", '"), ("\" \"", "\", \"")] {
            inner = inner.replace(apart, listed);
        }
        literal_in(&format!("[{inner}]"))
    };
    let array = || {
        let names = split(inner, b',').into_iter().map(Value::String).collect();
        (text.starts_with('{') && !inner.contains(['{', ':'])).then_some(Value::Array(names))
    };
    Some(inner).filter(is_quoted).and_then(|_| quoted()).or_else(array)
}

fn is_path(entry: &Value) -> bool {
    match entry {
        Value::Array(_) => true,
        Value::String(text) => arrow(text).is_some(),
        Value::Object(object) => is_node(object),
        _ => false,
    }
}

fn paths_of(entry: &Value, whole: &mut bool) -> Vec<Vec<String>> {
    match entry {
        Value::String(text) => match arrow(text) {
            Some(arrow) => vec![text.split(arrow).map(clean).collect()],
            None => vec![vec![clean(text)]],
        },
        Value::Object(object) if is_node(object) => {
            let mut paths = Vec::new();
            *whole &= branches(object, ancestors(object), &mut paths);
            paths
        }
        _ => {
            let mut names = Vec::new();
            *whole &= collect_deep(entry, &mut names);
            vec![names.iter().map(|name| clean(name)).collect()]
        }
    }
}

/// The names of a path, however its lists are nested.
fn collect_deep<'v>(entry: &'v Value, names: &mut Vec<Cow<'v, str>>) -> bool {
    match entry {
        Value::Array(entries) => entries.iter().map(|entry| collect_deep(entry, names)).fold(true, BitAnd::bitand),
        _ => collect(entry, names),
    }
}

/// A category in a tree: it tells its parent, or its children.
fn is_node(object: &Map<String, Value>) -> bool {
    object.get("parent").is_some_and(Value::is_object) || children(object).is_some()
}

fn children(object: &Map<String, Value>) -> Option<&Vec<Value>> {
    let lists = ["children", "subcategories"].iter().filter_map(|key| object.get(*key)?.as_array());
    lists.into_iter().find(|list| !list.is_empty())
}

/// The names above a category, the most general first.
fn ancestors(object: &Map<String, Value>) -> Vec<String> {
    let Some(parent) = object.get("parent").and_then(Value::as_object) else { return Vec::new() };
    let mut names = ancestors(parent);
    names.extend(own_name(parent));
    names
}

/// The paths from `above` through a category to the last of its children.
fn branches(object: &Map<String, Value>, above: Vec<String>, paths: &mut Vec<Vec<String>>) -> bool {
    let (name, mut path) = (own_name(object), above);
    let mut whole = name.is_some();
    path.extend(name);
    match children(object) {
        None => paths.push(path),
        Some(children) => {
            for child in children {
                match child {
                    Value::Object(child) => whole &= branches(child, path.clone(), paths),
                    child => {
                        let leaf = text(child);
                        whole &= leaf.whole;
                        paths.push(path.iter().cloned().chain([clean(&leaf.value)]).collect());
                    }
                }
            }
        }
    }
    whole
}

fn own_name(object: &Map<String, Value>) -> Option<String> {
    let name = text(name_of(object)?);
    Some(clean(&name.value)).filter(|name| name.chars().any(|c| !c.is_whitespace()))
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
            assert_eq!(from_value(&serde_json::from_str(json).unwrap(), Grammar::default()).value, expected, "{json}");
        }
    }

    #[test]
    fn objects_are_what_they_are_named_by() {
        let cases = [
            (r#"[{"id": 1, "name": "Shoes"}, {"id": 2, "name": "Boots"}]"#, tags(&["Shoes", "Boots"])),
            (r#"{"id": 1, "name": "A > B"}"#, paths(&[&["A", "B"]])),
            (r#"{"en": ["Shoes", "Boots"], "de": ["Schuhe"]}"#, tags(&["Shoes", "Boots"])),
            (r#"{"0": "Shoes", "1": "Boots"}"#, tags(&["Shoes", "Boots"])),
            (r#"[{"name": "B", "parent": {"name": "A", "parent": null}}]"#, paths(&[&["A", "B"]])),
            (
                r#"{"name": "A", "children": [{"name": "B", "children": ["C"]}, {"name": "D", "children": []}]}"#,
                paths(&[&["A", "B", "C"], &["A", "D"]]),
            ),
            (r#"[[{"name": "A"}, {"name": "B"}]]"#, paths(&[&["A", "B"]])),
            (r#""[{'id': 28, 'name': 'Action'}]""#, tags(&["Action"])),
            (r#""(no genres listed)""#, Categories::None),
            (r#"["(no genres listed)"]"#, Categories::None),
        ];
        for (json, expected) in cases {
            let taken = from_value(&serde_json::from_str(json).unwrap(), Grammar::default());
            assert_eq!((taken.value, taken.whole), (expected, true), "{json}");
        }
        for (json, expected) in [
            ("true", Categories::None),
            (r#"{"a": {"x": 1}, "b": 2}"#, Categories::None),
            (r#"["A", {"x": 1}]"#, tags(&["A"])),
            (r#"[{"children": [{"name": "B"}]}]"#, paths(&[&["B"]])),
        ] {
            let taken = from_value(&serde_json::from_str(json).unwrap(), Grammar::default());
            assert_eq!((taken.value, taken.whole), (expected, false), "{json}");
        }
    }

    #[test]
    fn a_fields_name_and_type_decide_what_its_text_leaves_open() {
        let grain = "Food, Beverages & Tobacco > Food Items > Grains, Rice & Cereal > Rice";
        let one = Grammar { one_path: true, spaced: false };
        assert_eq!(
            from_text(grain, one),
            paths(&[&["Food, Beverages & Tobacco", "Food Items", "Grains, Rice & Cereal", "Rice"]])
        );
        assert_eq!(from_text("Food, Beverages & Tobacco", one), tags(&["Food, Beverages & Tobacco"]));
        let spaced = Grammar { one_path: false, spaced: true };
        assert_eq!(from_text("Animation Comedy", spaced), tags(&["Animation", "Comedy"]));
        assert_eq!(from_text("Sci-Fi & Fantasy, Comedy", spaced), tags(&["Sci-Fi & Fantasy", "Comedy"]));
    }
}
