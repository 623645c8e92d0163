//! Whom an index is handed over to.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::earlier::{ADDED_TOKENS, IDS};
use super::error::HandoverError;
use super::rows::Rows;
use super::{flashrec, hugging_face, sid_gr, static_form, trie_arrays};
use crate::tokens::TokensError;
use crate::tokens::names::{by_name, name_of};

/// A form in which an index is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A language model in Hugging Face's form: its tokenizer with item tokens, and first embeddings of them.
    HuggingFace,
    /// Anything that decodes under constraints: the trie as arrays in compressed sparse rows.
    Trie,
    /// STATIC.
    Static,
    /// FlashRec.
    FlashRec,
    /// NVIDIA's `sid_gr`.
    SidGr,
}

const KINDS: [(&str, Kind); 5] = [
    ("hf", Kind::HuggingFace),
    ("trie", Kind::Trie),
    ("static", Kind::Static),
    ("flashrec", Kind::FlashRec),
    ("sid-gr", Kind::SidGr),
];

/// Whom an index is handed over to, with what that needs.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    pub(super) kind: Kind,
    /// Of a language model alone.
    pub(super) language_model: Option<LanguageModel<'a>>,
}

/// A language model that learns item tokens.
#[derive(Debug, Clone)]
pub(super) struct LanguageModel<'a> {
    /// Its `tokenizer.json`, or the folder of it.
    pub(super) base: &'a Path,
    /// First embeddings, where they are wanted.
    pub(super) rows: Option<Rows<'a>>,
}

impl Kind {
    /// The file that this form alone has.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::HuggingFace => hugging_face::TOKENIZER,
            Self::Trie => trie_arrays::FILE,
            Self::Static => static_form::FILE,
            Self::FlashRec => flashrec::FILE,
            Self::SidGr => sid_gr::FILE,
        }
    }

    /// The other forms.
    pub(super) fn others(self) -> impl Iterator<Item = Self> {
        KINDS.into_iter().map(|(_, kind)| kind).filter(move |kind| *kind != self)
    }

    /// Whether a file of this name is one that a hand-over writes.
    pub(super) fn writes(name: &str) -> bool {
        let more = hugging_face::OPTIONAL.into_iter().chain([ADDED_TOKENS, IDS, sid_gr::SETTINGS]);
        KINDS.iter().map(|(_, kind)| kind.file()).chain(more).any(|file| file == name)
    }

    /// Checks that a base tokenizer, and first embeddings if they are wanted, belong to this form.
    ///
    /// # Errors
    /// The base is missing, or they belong to another.
    pub fn check(self, has_base: bool, wants_rows: bool) -> Result<(), HandoverError> {
        match (self, has_base, wants_rows) {
            (Self::HuggingFace, false, _) => Err(HandoverError::NoBase),
            (Self::HuggingFace, true, _) | (_, false, false) => Ok(()),
            _ => Err(HandoverError::OfLanguageModel { target: self.to_string() }),
        }
    }
}

impl<'a> Target<'a> {
    /// A form, with the `base` tokenizer and the first embeddings of a language model.
    ///
    /// # Errors
    /// As [`Kind::check`].
    pub fn new(kind: Kind, base: Option<&'a Path>, rows: Option<Rows<'a>>) -> Result<Self, HandoverError> {
        kind.check(base.is_some(), rows.is_some())?;
        Ok(Self { kind, language_model: base.map(|base| LanguageModel { base, rows }) })
    }
}

impl FromStr for Kind {
    type Err = TokensError;
    fn from_str(name: &str) -> Result<Self, TokensError> {
        by_name(&KINDS, "target", name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name_of(&KINDS, self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_name_and_a_file_of_its_own() {
        for (name, kind) in KINDS {
            assert_eq!((name.parse::<Kind>(), kind.to_string().as_str()), (Ok(kind), name));
            assert!(Kind::writes(kind.file()) && kind.others().all(|other| other.file() != kind.file()));
        }
        assert!(!Kind::writes("config.json") && Kind::writes("ids.json"));
        let error = "Trie".parse::<Kind>().unwrap_err().to_string();
        assert_eq!(error, "«Trie» is not a target: use one of hf, trie, static, flashrec, sid-gr");
    }
}
