//! Text in values of any structure: which of an object's members is its name, which of several languages is taken.

use std::borrow::Cow;
use std::ops::BitAnd;

use serde_json::{Map, Value};

use super::literal;

/// A value, and whether all of it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Taken<T> {
    pub value: T,
    pub whole: bool,
}

/// Members that hold a text or a number where an object stands for one, the preferred first.
const NAMES: &[&str] = &["name", "value", "title", "label", "text", "#text", "@value", "_value", "default"];
/// Members by which MongoDB writes what JSON has no type for.
const EXTENDED: &[&str] = &["$oid", "$numberLong", "$numberInt", "$numberDecimal", "$numberDouble"];
/// Members that say which language an object is in.
const LANGUAGES: &[&str] = &["language_tag", "language", "lang", "locale", "@language", "@lang", "xml:lang"];

/// What databases and pandas write into the cell of a table where there is no value.
const NULLS: [&str; 4] = [r"\N", "NaN", "nan", "<NA>"];

/// A cell, empty where it says that there is no value.
pub(super) fn present(cell: &str) -> &str {
    if cell.len() <= 4 && NULLS.contains(&cell) { "" } else { cell }
}

/// Strings and numbers, lists of them joined by spaces, of objects the member that is their name.
pub(super) fn text(value: &Value) -> Taken<Cow<'_, str>> {
    if let Value::String(text) = value {
        return Taken { value: text.into(), whole: true };
    }
    let mut parts = Vec::new();
    let whole = collect(value, &mut parts);
    Taken { value: parts.join(" ").into(), whole }
}

/// The texts in a value, in order; false if some of it is none.
pub(super) fn collect<'v>(value: &'v Value, into: &mut Vec<Cow<'v, str>>) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => false,
        Value::String(text) => {
            into.push(text.into());
            true
        }
        Value::Number(number) => {
            into.push(number.to_string().into());
            true
        }
        Value::Array(entries) => in_one_language(entries).iter().map(|entry| collect(entry, into)).fold(true, BitAnd::bitand),
        Value::Object(object) if object.is_empty() => true,
        Value::Object(object) => name_of(object).is_some_and(|name| collect(name, into)),
    }
}

/// The member that an object is named by: of MongoDB's forms their value; English of several languages, else the first
/// of them; a member called `name`, `value`, `title` and the like; or the only string that is no address or number of it.
pub(super) fn name_of(object: &Map<String, Value>) -> Option<&Value> {
    let is_there = |value: &&Value| !matches!(value, Value::Null | Value::Bool(_));
    let named = |names: &[&str]| names.iter().find_map(|name| object.get(*name).filter(is_there));
    let english = || object.iter().find(|(key, value)| is_english(key) && is_there(value)).map(|found| found.1);
    let languages = || {
        let all = object.keys().all(|key| is_language(key)) && object.keys().any(|key| key != "id");
        all.then(|| object.values().find(is_there)).flatten()
    };
    named(EXTENDED).or_else(english).or_else(|| named(NAMES)).or_else(languages).or_else(|| only_string(object))
}

fn only_string(object: &Map<String, Value>) -> Option<&Value> {
    let is_about = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.starts_with('@')
            || ["id", "url", "uri", "href", "link", "type", "slug", "image", "code"].iter().any(|end| key.ends_with(end))
    };
    let mut strings = object.iter().filter(|(key, value)| value.is_string() && !is_about(key));
    strings.next().filter(|_| strings.next().is_none()).map(|found| found.1)
}

/// Of a list whose entries say their language those in English, or else in the language of the first; else the list.
pub(super) fn in_one_language(entries: &[Value]) -> Vec<&Value> {
    if !entries.first().is_some_and(Value::is_object) {
        return entries.iter().collect();
    }
    let language = |entry: &Value| LANGUAGES.iter().find_map(|key| Some(entry.get(key)?.as_str()?.to_owned()));
    let languages: Option<Vec<String>> = entries.iter().map(language).collect();
    let Some(languages) = languages.filter(|languages| !languages.is_empty()) else { return entries.iter().collect() };
    let chosen = languages.iter().find(|language| is_english(language)).unwrap_or(&languages[0]);
    entries.iter().zip(&languages).filter(|(_, language)| *language == chosen).map(|(entry, _)| entry).collect()
}

fn is_english(tag: &str) -> bool {
    let main = tag.split(['-', '_']).next().unwrap_or_default();
    (is_language(tag) && main.eq_ignore_ascii_case("en")) || tag.eq_ignore_ascii_case("english")
}

/// `de`, `de_DE`, `zh-Hant`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split(['-', '_']);
    let main = parts.next().is_some_and(|main| main.len() == 2 && main.bytes().all(|b| b.is_ascii_alphabetic()));
    main && parts.all(|part| (2..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The list or object that a program wrote into a table's cell, in JSON or by Python's `str`.
pub(super) fn literal_in(cell: &str) -> Option<Value> {
    let cell = cell.trim();
    let is_one = (cell.starts_with('[') && cell.ends_with(']')) || (cell.starts_with('{') && cell.ends_with('}'));
    if !is_one {
        return None;
    }
    let json = serde_json::from_str(cell).or_else(|_| serde_json::from_str(&literal::to_json(cell).unwrap_or_default()));
    json.ok()
}

/// A cell as text: a list or object in it that holds strings is read as one.
pub(super) fn cell_text(cell: &str) -> Taken<Cow<'_, str>> {
    let quoted = literal_in(cell).filter(|_| cell.contains(['"', '\'']));
    match quoted.as_ref().map(text) {
        Some(text) if text.whole => Taken { value: text.value.into_owned().into(), whole: true },
        _ => Taken { value: cell.into(), whole: true },
    }
}
