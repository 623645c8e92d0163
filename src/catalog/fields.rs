//! The fields of a catalogue: which part of an item each gives, and how often it did.

use serde_json::Value;
use serde_json::value::RawValue;

use super::categories::{Grammar, from_text, from_value};
use super::header::header_advice;
use super::item::{MAX_FIELD_CHARS, clean};
use super::names::{below, is_one_path, lookup, nearest, recbole_type};
use super::values::{Taken, cell_text, name_of, text};
use super::{CatalogError, Categories, FaultKind, FieldUse, Item, Part, ReadOptions};

/// Names that are remembered. Parts always are; a file with more other names than these has data for names.
const REMEMBERED: usize = 256;
/// Characters kept of a value that could not be read.
const EXAMPLE: usize = 60;
/// What the key of an object of items is called, and the value where it is a title.
pub(super) const KEY: &str = "(key)";
pub(super) const VALUE: &str = "(value)";

/// The fields that have been seen so far.
#[derive(Clone)]
pub(super) struct Fields {
    options: ReadOptions,
    /// In order of appearance.
    uses: Vec<FieldUse>,
    grammars: Vec<Grammar>,
    /// Parts that lie in an object, as `details.Brand` does.
    inner: Vec<Inner>,
    /// Where the next name is expected: records have their fields in the same order mostly.
    next: usize,
}

/// A part that lies in an object.
#[derive(Clone)]
struct Inner {
    /// The field that holds the object.
    outer: usize,
    name: String,
    field: FieldUse,
    /// Among the fields, since it was found.
    found: Option<usize>,
}

/// A value as a format gives it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    Json(&'a RawValue),
    Cell(&'a str),
    #[cfg(feature = "parquet")]
    Value(&'a Value),
}

/// A value of one record, and where its part comes from.
#[derive(Clone, Copy)]
enum Source {
    Field(usize),
    Inner(usize),
}

impl Fields {
    /// No fields yet: records of JSON bring them.
    pub(super) fn new(options: &ReadOptions) -> Self {
        Self { options: options.clone(), uses: Vec::new(), grammars: Vec::new(), inner: Vec::new(), next: 0 }
    }

    /// The columns of the table `file`.
    ///
    /// # Errors
    /// No column is the id, and rows are not to be numbered; or a part was to be read from columns that are not there.
    pub(super) fn of_table(columns: Vec<String>, file: &str, options: &ReadOptions) -> Result<Self, CatalogError> {
        let mut fields = Self::new(options);
        let types: Vec<Option<&str>> = columns.iter().map(|name| recbole_type(name)).collect();
        let plain = |(name, kind): (&String, &Option<&str>)| match kind {
            Some(kind) => name[..name.len() - kind.len() - 1].to_owned(),
            None => name.clone(),
        };
        let names: Vec<String> = columns.iter().zip(&types).map(plain).collect();
        for ((name, column), kind) in names.iter().zip(&columns).zip(&types) {
            let found = lookup(name, &options.fields, &names).or_else(|| lookup(column, &options.fields, &names));
            fields.push(name, found, *kind == Some("token_seq"));
        }
        fields.check_named(file)?;
        if !options.number && fields.uses.iter().all(|field| field.part != Some(Part::Id)) {
            return Err(CatalogError::NoIdColumn { name: file.into(), advice: header_advice(&columns), columns: names });
        }
        Ok(fields)
    }

    /// What the fields are read as.
    pub(super) fn uses(&self) -> &[FieldUse] {
        &self.uses
    }

    /// The columns that a row is read from.
    pub(super) fn known(&self) -> impl Iterator<Item = usize> {
        self.uses.iter().enumerate().filter(|(_, field)| field.part.is_some()).map(|(i, _)| i)
    }

    /// Which part a field of JSON would be.
    pub(super) fn part(&self, name: &str) -> Option<Part> {
        lookup(name, &self.options.fields, &[]).map(|found| found.0)
    }

    /// Begins a record of JSON.
    pub(super) fn begin(&mut self) {
        self.next = 0;
    }

    /// The number of a field that a record of JSON has next, if its value may be needed.
    pub(super) fn find(&mut self, name: &str) -> Option<usize> {
        let expected = self.uses.get(self.next).is_some_and(|field| field.name == name).then_some(self.next);
        let i = expected.or_else(|| self.uses.iter().position(|field| field.name == name)).or_else(|| self.add(name))?;
        self.next = i + 1;
        (self.uses[i].part.is_some() || self.inner.iter().any(|inner| inner.outer == i)).then_some(i)
    }

    /// The keys of an object of items: they are the ids, unless a field was named as such.
    pub(super) fn key(&mut self) -> usize {
        self.pseudo(KEY, Part::Id)
    }

    /// The values of an object of titles.
    pub(super) fn value(&mut self) -> usize {
        self.pseudo(VALUE, Part::Title)
    }

    fn pseudo(&mut self, name: &str, part: Part) -> usize {
        let seen = self.uses.iter().position(|field| field.name == name);
        seen.unwrap_or_else(|| {
            let is_named = self.options.fields.iter().any(|named| named.part == part);
            let found = lookup(name, &self.options.fields, &[]).or_else(|| (!is_named).then_some((part, 0)));
            self.push(name, found, false)
        })
    }

    fn add(&mut self, name: &str) -> Option<usize> {
        let found = lookup(name, &self.options.fields, &[]);
        let inner = below(name, &self.options.fields);
        if found.is_none() && inner.is_empty() && self.uses.len() >= REMEMBERED {
            return None;
        }
        let outer = self.push(name, found, false);
        self.inner.extend(inner.into_iter().map(|(inner, part, rank)| Inner {
            outer,
            field: FieldUse { part: Some(part), rank, ..FieldUse::new(format!("{name}.{inner}")) },
            name: inner,
            found: None,
        }));
        Some(outer)
    }

    fn push(&mut self, name: &str, found: Option<(Part, usize)>, spaced: bool) -> usize {
        let (part, rank) = (found.map(|found| found.0), found.map_or(0, |found| found.1));
        self.uses.push(FieldUse { part, rank, ..FieldUse::new(name.into()) });
        self.grammars.push(Grammar { one_path: is_one_path(name), spaced });
        self.uses.len() - 1
    }

    /// Adds the counts of another part of the same catalogue.
    #[cfg(feature = "files")]
    pub(super) fn absorb(&mut self, other: &Self) {
        for field in &other.uses {
            match self.uses.iter_mut().find(|known| known.name == field.name) {
                Some(known) => {
                    known.used += field.used;
                    known.empty += field.empty;
                    known.unread += field.unread;
                    known.example = known.example.take().or_else(|| field.example.clone());
                }
                None => self.uses.push(field.clone()),
            }
        }
    }

    /// Builds an item from the fields of a record: for each part the first by rank that is not empty.
    ///
    /// # Errors
    /// A value is damaged; or there is no id, unless items are numbered.
    pub(super) fn item<'v>(&mut self, values: impl Iterator<Item = (usize, Raw<'v>)>) -> Result<Item, FaultKind> {
        let mut sources: Vec<(Part, usize, Source, Raw<'_>)> = Vec::new();
        for (i, raw) in values {
            if let Some(part) = self.uses[i].part {
                sources.push((part, self.uses[i].rank, Source::Field(i), raw));
            }
            let below = self.inner.iter().enumerate().filter(|(_, inner)| inner.outer == i);
            sources.extend(below.filter_map(|(i, inner)| Some((inner.field.part?, inner.field.rank, Source::Inner(i), raw))));
        }
        sources.sort_by_key(|source| source.1);
        let mut item = Item::default();
        for (part, _, source, raw) in sources {
            self.fill(&mut item, part, source, raw)?;
        }
        if item.id.is_empty() && !self.options.number { Err(FaultKind::NoId) } else { Ok(item) }
    }

    /// Takes a part from a value, unless the item has it already.
    fn fill(&mut self, item: &mut Item, part: Part, source: Source, raw: Raw<'_>) -> Result<(), FaultKind> {
        let text = match part {
            Part::Id => &mut item.id,
            Part::Title => &mut item.title,
            Part::Brand => &mut item.brand,
            Part::Description => &mut item.description,
            Part::Categories if item.categories == Categories::None => {
                let (i, value) = match source {
                    Source::Field(i) => (i, raw.categories(self.grammars[i])?),
                    Source::Inner(i) => {
                        let Some((i, value)) = self.inside(i, raw)? else { return Ok(()) };
                        (i, from_value(&value, Grammar::default()))
                    }
                };
                self.count(i, value.value != Categories::None, value.whole, raw);
                item.categories = value.value;
                return Ok(());
            }
            Part::Categories => return Ok(()),
        };
        if !text.is_empty() {
            return Ok(());
        }
        let (i, value) = match source {
            Source::Field(i) if part == Part::Id => (i, Taken { value: raw.id()?, whole: true }),
            Source::Field(i) => (i, raw.text()?),
            Source::Inner(i) => {
                let Some((i, value)) = self.inside(i, raw)? else { return Ok(()) };
                let value = if part == Part::Id { Taken { value: id_of(&value)?, whole: true } } else { cleaned(&value) };
                (i, value)
            }
        };
        *text = value.value;
        let filled = !text.is_empty();
        self.count(i, filled, value.whole, raw);
        Ok(())
    }

    /// The value of a part that lies in an object, with the number of its field.
    fn inside(&mut self, inner: usize, raw: Raw<'_>) -> Result<Option<(usize, Value)>, FaultKind> {
        let Raw::Json(raw) = raw else { return Ok(None) };
        let value: Value = if raw.get().starts_with('{') { parse(raw)? } else { return Ok(None) };
        let Inner { name, field, found, .. } = &self.inner[inner];
        let inside = name.split('.').try_fold(&value, |value, name| {
            let object = value.as_object()?;
            object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|found| found.1))
        });
        let Some(inside) = inside else { return Ok(None) };
        let i = found.unwrap_or_else(|| {
            self.uses.push(field.clone());
            self.grammars.push(Grammar::default());
            self.uses.len() - 1
        });
        self.inner[inner].found = Some(i);
        Ok(Some((i, inside.clone())))
    }

    fn count(&mut self, i: usize, filled: bool, whole: bool, raw: Raw<'_>) {
        let field = &mut self.uses[i];
        match (filled, whole) {
            (true, _) => field.used += 1,
            (false, true) => field.empty += 1,
            (false, false) => {}
        }
        if !whole {
            field.unread += 1;
            field.example.get_or_insert_with(|| raw.excerpt());
        }
    }

    /// Checks that every part for which fields were named has one of them.
    ///
    /// # Errors
    /// The first that has none, with the fields that there are.
    pub(super) fn check_named(&self, file: &str) -> Result<(), CatalogError> {
        let occurs =
            |name: &str| self.uses.iter().any(|field| field.name == name || field.part.is_some() && is_typed(name, &field.name));
        for named in self.options.fields.iter().filter(|named| !named.field.is_empty()) {
            let others = || self.options.fields.iter().filter(|other| other.part == named.part);
            if others().all(|named| !occurs(&named.field)) {
                let names = self.uses.iter().map(|field| field.name.as_str()).filter(|name| ![KEY, VALUE].contains(name));
                return Err(CatalogError::NoField {
                    name: file.into(),
                    part: named.part.name(),
                    field: named.field.clone(),
                    nearest: nearest(&named.field, names.clone()).map(Into::into),
                    fields: names.map(Into::into).collect(),
                });
            }
        }
        Ok(())
    }
}

/// Whether `typed` is the column `name` with one of RecBole's types, as `title:token_seq`.
pub(crate) fn is_typed(typed: &str, name: &str) -> bool {
    typed.strip_prefix(name).is_some_and(|rest| recbole_type(rest).is_some())
}

impl Raw<'_> {
    /// The id exactly as written; a number keeps its digits. Empty where there is none.
    fn id(self) -> Result<String, FaultKind> {
        match self {
            Raw::Cell(cell) => checked_id(cell.to_owned()),
            #[cfg(feature = "parquet")]
            Raw::Value(value) => id_of(value),
            Raw::Json(raw) => match raw.get().as_bytes()[0] {
                b'-' | b'0'..=b'9' => checked_id(raw.get().to_owned()),
                b'"' => checked_id(parse(raw)?),
                _ => id_of(&parse(raw)?),
            },
        }
    }

    fn text(self) -> Result<Taken<String>, FaultKind> {
        Ok(match self {
            Raw::Cell(cell) => {
                let text = cell_text(cell);
                Taken { value: clean(&text.value), whole: text.whole }
            }
            #[cfg(feature = "parquet")]
            Raw::Value(value) => cleaned(value),
            Raw::Json(raw) => cleaned(&parse(raw)?),
        })
    }

    fn categories(self, grammar: Grammar) -> Result<Taken<Categories>, FaultKind> {
        Ok(match self {
            Raw::Cell(cell) => Taken { value: from_text(cell, grammar), whole: true },
            #[cfg(feature = "parquet")]
            Raw::Value(value) => from_value(value, grammar),
            Raw::Json(raw) => from_value(&parse(raw)?, grammar),
        })
    }

    fn excerpt(self) -> String {
        let text = match self {
            Raw::Cell(cell) => cell.into(),
            #[cfg(feature = "parquet")]
            Raw::Value(value) => value.to_string(),
            Raw::Json(raw) => raw.get().to_owned(),
        };
        clean(&text).chars().take(EXAMPLE).collect()
    }
}

fn cleaned(value: &Value) -> Taken<String> {
    let text = text(value);
    Taken { value: clean(&text.value), whole: text.whole }
}

/// An id is a string or a number, or an object that MongoDB writes for one.
fn id_of(value: &Value) -> Result<String, FaultKind> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(id) => checked_id(id.clone()),
        Value::Number(id) => checked_id(id.to_string()),
        Value::Object(object) if object.len() == 1 && object.keys().all(|key| key.starts_with('$')) => {
            name_of(object).map_or(Err(FaultKind::BadId), id_of)
        }
        _ => Err(FaultKind::BadId),
    }
}

fn checked_id(id: String) -> Result<String, FaultKind> {
    match id.chars().nth(MAX_FIELD_CHARS) {
        Some(_) => Err(FaultKind::TooLong { limit: MAX_FIELD_CHARS }),
        None if id.trim().is_empty() => Ok(String::new()),
        None => Ok(id),
    }
}

/// Parses a value. Nesting too deep and half of a surrogate pair are found only now, not when the record was read.
fn parse<T: serde::de::DeserializeOwned>(raw: &RawValue) -> Result<T, FaultKind> {
    serde_json::from_str(raw.get()).map_err(|e| FaultKind::json(&e))
}
