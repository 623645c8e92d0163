//! How a JSON file that begins with an object holds its records: found from the first object.

use super::Part;
use super::elements::{Holder, Nesting};
use super::fields::Fields;
use crate::tables::{Input, TableError};

/// Bytes of the first object that are looked at.
const HEAD: usize = 1 << 20;
/// Keys under which services and exports put the list of their items.
const WRAPPERS: &[&str] = &[
    "products",
    "items",
    "data",
    "results",
    "records",
    "rows",
    "hits",
    "docs",
    "documents",
    "entries",
    "objects",
    "catalog",
    "itemlistelement",
    "@graph",
];

/// How the records are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One object a line.
    Lines,
    /// By something that spans lines.
    Held(Holder),
    /// By an object of titles, whose keys are the ids.
    Titles,
    /// Not at all: by an object of columns, each with its values by row.
    Columns,
}

/// Finds how records are held, and moves to where they begin.
pub(super) fn shape(input: &mut Input<'_>, fields: &Fields) -> Result<Shape, TableError> {
    let place = input.place;
    let (mut head, mut nesting) = (Vec::new(), Nesting::default());
    let (mut seen, mut end) = (0, None);
    // The object, and the first byte after it that is no space.
    input.take(&mut head, |byte| {
        seen += 1;
        if end.is_none() && nesting.closes(byte) {
            end = Some(seen);
            return false;
        }
        seen >= HEAD || (end.is_some() && !byte.is_ascii_whitespace())
    })?;
    let object = &head[..end.unwrap_or(head.len())];
    let follows = end.and_then(|end| head[end..].iter().copied().find(|b| !b.is_ascii_whitespace()));
    let (shape, skip) = of_object(object, end.is_some(), follows, fields);
    input.give_back(&head, place);
    let newlines = head[..skip].iter().filter(|&&b| b == b'\n').count() as u64;
    input.advance(skip, newlines);
    Ok(shape)
}

/// The shape that an object has the file in, and at which of the object's bytes the records begin.
fn of_object(object: &[u8], whole: bool, follows: Option<u8>, fields: &Fields) -> (Shape, usize) {
    let members = members(object);
    let part = |member: &Member<'_>| fields.part(&member.key);
    let of_kind = |open: u8| move |member: &Member<'_>| object.get(member.at) == Some(&open);
    let no_part = !members.is_empty() && members.iter().all(|member| part(member).is_none());
    if let Some(list) = members.iter().position(|member| is_wrapper(member, object))
        && members[..list].iter().all(|member| part(member) != Some(Part::Id))
    {
        return (Shape::Held(Holder::Array { wrapped: true }), members[list].at);
    }
    if no_part && members.iter().take(2).all(of_kind(b'{')) {
        let inner = self::members(&object[members[0].at..]);
        let is = |wanted: fn(Part) -> bool| inner.iter().any(|member| part(member).is_some_and(wanted));
        // A line with one object in it, which has an id, is an item in a wrapping.
        let is_items = if members.len() > 1 {
            true
        } else {
            is(|part| part != Part::Id) && !(follows == Some(b'{') && is(|part| part == Part::Id))
        };
        if is_items {
            return (Shape::Held(Holder::Object), 0);
        }
    }
    let is_column = |member: &Member<'_>| {
        let mut rows = self::members(&object[member.at..]).into_iter();
        rows.next().is_some_and(|row| row.key.bytes().all(|b| b.is_ascii_digit()))
    };
    if !no_part && (members.len() > 1 || !whole) && members.iter().all(of_kind(b'{')) && members.first().is_some_and(is_column) {
        return (Shape::Columns, 0);
    }
    if no_part && members.iter().all(of_kind(b'"')) && (!whole || follows.is_none()) {
        return (Shape::Titles, 0);
    }
    let lines: Vec<&[u8]> = object.splitn(2, |&b| b == b'\n').collect();
    let is_spread = lines.get(1).and_then(|rest| rest.trim_ascii_start().first()).is_some_and(|b| b"\"'}".contains(b));
    (if is_spread { Shape::Held(Holder::None) } else { Shape::Lines }, 0)
}

/// A list of objects under one of the usual keys.
fn is_wrapper(member: &Member<'_>, object: &[u8]) -> bool {
    let value = &object[member.at..];
    let holds_objects = value.strip_prefix(b"[").is_some_and(|rest| rest.trim_ascii_start().first().is_none_or(|&b| b == b'{'));
    holds_objects && WRAPPERS.contains(&member.key.to_ascii_lowercase().as_str())
}

/// A member of an object.
struct Member<'a> {
    key: std::borrow::Cow<'a, str>,
    /// Where its value begins.
    at: usize,
}

/// The members of an object, as far as it goes.
fn members(object: &[u8]) -> Vec<Member<'_>> {
    let mut members = Vec::new();
    let mut at = 1;
    let skip = |mut at: usize| {
        while object.get(at).is_some_and(|&b| b.is_ascii_whitespace() || b == b',') {
            at += 1;
        }
        at
    };
    loop {
        at = skip(at);
        if object.get(at) != Some(&b'"') {
            return members;
        }
        let Some(length) = value_length(&object[at..]) else { return members };
        let key = String::from_utf8_lossy(&object[at + 1..at + length - 1]);
        at = skip(at + length);
        if object.get(at) != Some(&b':') {
            return members;
        }
        at = skip(at + 1);
        if at >= object.len() {
            return members;
        }
        members.push(Member { key, at });
        match value_length(&object[at..]) {
            Some(length) => at += length,
            None => return members,
        }
    }
}

/// The length of the value that `text` begins with, if its end is there.
fn value_length(text: &[u8]) -> Option<usize> {
    if matches!(text.first()?, b'{' | b'[' | b'"') {
        let mut nesting = Nesting::default();
        return text.iter().position(|&b| nesting.closes(b)).map(|at| at + 1);
    }
    text.iter().position(|&b| matches!(b, b',' | b'}') || b.is_ascii_whitespace())
}
