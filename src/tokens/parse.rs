//! Reading index files of any tokenizer, `{"item id": ["token", …], …}`, as a stream.
//!
//! Errors of serde are only texts, so an error about the content is kept apart from them, with its type.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

use super::index::{Index, IndexError};
use crate::base::ids::Seen;

impl Index {
    /// Reads an index as a stream, which takes no more memory than the index itself.
    ///
    /// # Errors
    /// [`IndexError`], which names the item, or line and column where the input is not JSON.
    pub fn read(input: impl Read) -> Result<Self, IndexError> {
        let mut input = BufReader::new(input);
        if input.fill_buf()?.starts_with("\u{feff}".as_bytes()) {
            input.consume(3);
        }
        Self::parse(serde_json::Deserializer::from_reader(input))
    }

    /// Reads an index from a text in memory.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn from_text(text: &str) -> Result<Self, IndexError> {
        Self::parse(serde_json::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)))
    }

    fn parse<'de, R: serde_json::de::Read<'de>>(mut json: serde_json::Deserializer<R>) -> Result<Self, IndexError> {
        let content_error = RefCell::new(None);
        let visitor = IndexVisitor { content_error: &content_error };
        let read = json.deserialize_map(visitor).and_then(|index| json.end().map(|()| index));
        // The parser then failed as well, but its error says less.
        if let Some(error) = content_error.into_inner() {
            return Err(error);
        }
        match read {
            Ok(index) if index.ids.is_empty() => Err(IndexError::Empty),
            Ok(index) => Ok(index),
            Err(error) if error.is_io() => Err(IndexError::Io(error.into())),
            Err(error) => Err(IndexError::Json(error)),
        }
    }

    /// Builds an index from codewords in memory.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn from_rows<S: Into<String>>(rows: impl IntoIterator<Item = (S, Vec<String>)>) -> Result<Self, IndexError> {
        let mut builder = Builder::default();
        for (id, tokens) in rows {
            tokens.into_iter().for_each(|token| builder.token(&token));
            builder.item(id.into())?;
        }
        if builder.index.ids.is_empty() { Err(IndexError::Empty) } else { Ok(builder.index) }
    }
}

/// An index while it is read.
#[derive(Default)]
struct Builder {
    pub index: Index,
    /// Number of each token in the vocabulary.
    numbers: HashMap<String, u32>,
    seen: Seen,
}

impl Builder {
    /// Adds a token to the item that is being read.
    pub fn token(&mut self, token: &str) {
        let number = match self.numbers.get(token) {
            Some(&number) => number,
            None => {
                let number = self.index.vocabulary.len() as u32;
                self.numbers.insert(token.to_string(), number);
                self.index.vocabulary.push(token.to_string());
                number
            }
        };
        self.index.tokens.push(number);
    }

    /// Ends the item whose tokens were just added.
    pub fn item(&mut self, id: String) -> Result<(), IndexError> {
        let entry = self.index.ids.len() + 1;
        let found = self.index.tokens.len() - self.index.ids.len() * self.index.width;
        if entry == 1 {
            self.index.width = found;
        }
        if found == 0 {
            return Err(IndexError::NoTokens { id });
        }
        if found != self.index.width {
            return Err(IndexError::Ragged { id, found, expected: self.index.width });
        }
        if entry > u32::MAX as usize {
            return Err(IndexError::TooLarge);
        }
        if !self.seen.insert(&id)
            && let Some(first) = self.index.ids.iter().position(|earlier| *earlier == id)
        {
            return Err(IndexError::Duplicate { id, first: first + 1, second: entry });
        }
        self.index.ids.push(id);
        Ok(())
    }
}

/// Reads the whole object. An error about its content is stored in `content_error`.
struct IndexVisitor<'e> {
    content_error: &'e RefCell<Option<IndexError>>,
}

impl<'de> Visitor<'de> for IndexVisitor<'_> {
    type Value = Index;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of item ids with their tokens")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Index, A::Error> {
        let fail = |error: IndexError| {
            let parser_error = A::Error::custom(&error);
            *self.content_error.borrow_mut() = Some(error);
            parser_error
        };
        let mut builder = Builder::default();
        while let Some(id) = map.next_key::<String>()? {
            if let Some(found) = map.next_value_seed(TokensSeed { builder: &mut builder })? {
                return Err(fail(IndexError::NotTokens { id, found }));
            }
            builder.item(id).map_err(fail)?;
        }
        Ok(builder.index)
    }
}

/// Reads one item's tokens. Where the value is not a list of tokens, returns a description of it.
struct TokensSeed<'b> {
    builder: &'b mut Builder,
}

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
                serde_json::Value::String(token) => self.builder.token(&token),
                serde_json::Value::Number(n) if n.is_u64() || n.is_i64() => self.builder.token(&n.to_string()),
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
        tokens.for_each(|token| self.builder.token(token));
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
