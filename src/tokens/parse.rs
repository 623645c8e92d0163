//! Reading index files of any tokenizer, `{"item id": ["token", …], …}`, as a stream.
//!
//! Errors of serde are only texts, so an error about the content is kept apart from them, with its type.

use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use super::builder::{Builder, Rows, Store};
use super::index::{Index, IndexError};

impl Index {
    /// Reads an index as a stream, which takes no more memory than the index itself.
    ///
    /// # Errors
    /// [`IndexError`], which names the item, or line and column where the input is not JSON.
    pub fn read(input: impl Read) -> Result<Self, IndexError> {
        read(input)
    }

    /// Reads an index from a text in memory.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn from_text(text: &str) -> Result<Self, IndexError> {
        parse(serde_json::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }

    /// Builds an index from codewords in memory.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn from_rows<S: Into<String>>(rows: impl IntoIterator<Item = (S, Vec<String>)>) -> Result<Self, IndexError> {
        let mut builder = Builder::<Self>::default();
        for (id, tokens) in rows {
            tokens.into_iter().for_each(|token| add(&mut builder, &token));
            builder.item(&id.into())?;
        }
        builder.finish()
    }
}

/// Reads an index as a stream.
pub(super) fn read<S: Store>(input: impl Read) -> Result<S, IndexError> {
    let mut input = BufReader::new(input);
    if input.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
        input.consume(3);
    }
    parse(serde_json::Deserializer::from_reader(input))
}

fn parse<'de, S: Store, R: serde_json::de::Read<'de>>(mut json: serde_json::Deserializer<R>) -> Result<S, IndexError> {
    let (mut builder, mut content_error) = (Builder::default(), None);
    let visitor = IndexVisitor { rows: &mut builder, content_error: &mut content_error };
    let read = json.deserialize_map(visitor).and_then(|()| json.end());
    // The parser then failed as well, but its error says less.
    if let Some(error) = content_error {
        return Err(error);
    }
    match read {
        Ok(()) => builder.finish(),
        Err(error) if error.is_io() => Err(IndexError::Io(error.into())),
        Err(error) => Err(IndexError::Json(error)),
    }
}

fn add(rows: &mut dyn Rows, token: &str) {
    let number = rows.number(token);
    rows.push(number);
}

/// Reads the whole object. An error about its content is stored in `content_error`.
struct IndexVisitor<'r> {
    rows: &'r mut dyn Rows,
    content_error: &'r mut Option<IndexError>,
}

impl<'de> Visitor<'de> for IndexVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of item ids with their tokens")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(id) = map.next_key::<String>()? {
            let item = match map.next_value_seed(TokensSeed(&mut *self.rows))? {
                Some(found) => Err(IndexError::NotTokens { id, found }),
                None => self.rows.item(&id),
            };
            if let Err(error) = item {
                let parser_error = A::Error::custom(&error);
                *self.content_error = Some(error);
                return Err(parser_error);
            }
        }
        Ok(())
    }
}

/// Reads one item's tokens. Where the value is not a list of tokens, returns a description of it.
struct TokensSeed<'r>(&'r mut dyn Rows);

impl<'de> DeserializeSeed<'de> for TokensSeed<'_> {
    type Value = Option<String>;
    fn deserialize<D: serde::Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TokensSeed<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tokens")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while let Some(token) = list.next_element::<serde_json::Value>()? {
            match token {
                serde_json::Value::String(token) => add(self.0, &token),
                serde_json::Value::Number(n) if n.is_u64() || n.is_i64() => add(self.0, &n.to_string()),
                other => {
                    // The list must be read to its end, or the parser would report that instead.
                    while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                    return Ok(Some(format!("a list with {}", describe(&other))));
                }
            }
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
        Ok(Some("an object".into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let Some(tokens) = tokens(text) else { return Ok(Some(describe(&text.into()))) };
        tokens.for_each(|token| add(self.0, token));
        Ok(None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(format!("the number {number}")))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(format!("the number {number}")))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(format!("the number {number}")))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some("null".into()))
    }
}

/// The tokens of a codeword written as one text, `<a_1><b_2>`.
fn tokens(text: &str) -> Option<impl Iterator<Item = &str>> {
    let words = text.split_whitespace().flat_map(|word| word.split_inclusive('>'));
    let is_token = |word: &str| word.len() > 2 && word.starts_with('<') && word.ends_with('>');
    (!text.trim().is_empty() && words.clone().all(is_token)).then_some(words)
}

fn describe(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => format!("the text «{}»", text.chars().take(40).collect::<String>()),
        serde_json::Value::Array(_) => "a list".into(),
        serde_json::Value::Object(_) => "an object".into(),
        other => other.to_string(),
    }
}
