//! BERT's WordPiece tokenizer, read from `tokenizer.json`. Token ids equal those of Hugging Face's `tokenizers`, which is
//! not used itself because it would add 1.8 MB of WebAssembly.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use super::normalize::{Normalizer, is_punctuation};
use super::{Architecture, TextError};

const FILE: &str = "tokenizer.json";
/// Most tokens of a text, special ones included, where the file has no limit.
const DEFAULT_MAX_TOKENS: usize = 128;

/// Turns texts into token ids.
#[derive(Debug, Clone)]
pub struct WordPiece {
    vocabulary: HashMap<String, u32>,
    /// Special tokens and their ids, recognised literally in the text before it is normalised.
    special: Vec<(String, u32)>,
    normalizer: Normalizer,
    /// Marks a piece that continues a word.
    prefix: String,
    /// Most characters of a word that is split into pieces.
    max_word_chars: usize,
    unknown: u32,
    cls: u32,
    sep: u32,
    max_tokens: usize,
}

#[derive(Deserialize)]
struct File {
    normalizer: Value,
    pre_tokenizer: Value,
    model: Value,
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
    truncation: Option<Truncation>,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, u32>,
    unk_token: String,
    continuing_subword_prefix: String,
    max_input_chars_per_word: usize,
}

#[derive(Deserialize)]
struct AddedToken {
    id: u32,
    content: String,
}

#[derive(Deserialize)]
struct Truncation {
    max_length: usize,
}

impl WordPiece {
    /// Reads `tokenizer.json`.
    ///
    /// # Errors
    /// [`TextError::Json`]; [`TextError::Unsupported`] for a tokenizer of another kind.
    pub fn from_json(json: &[u8]) -> Result<Self, TextError> {
        let file: File = parse(serde_json::from_slice(json))?;
        check_type("model.type", &file.model, "WordPiece")?;
        check_type("normalizer.type", &file.normalizer, "BertNormalizer")?;
        check_type("pre_tokenizer.type", &file.pre_tokenizer, "BertPreTokenizer")?;
        let model: Model = parse(serde_json::from_value(file.model))?;
        let id = |token: &str| match model.vocab.get(token) {
            Some(&id) => Ok(id),
            None => unsupported("model.vocab", format!("without {token}"), "BERT's special tokens".into()),
        };
        let max_tokens = file.truncation.map_or(DEFAULT_MAX_TOKENS, |t| t.max_length);
        if max_tokens < 3 {
            return unsupported("truncation.max_length", max_tokens.to_string(), "at least 3".into());
        }
        Ok(Self {
            special: file.added_tokens.into_iter().filter(|t| !t.content.is_empty()).map(|t| (t.content, t.id)).collect(),
            normalizer: parse(serde_json::from_value(file.normalizer))?,
            max_word_chars: model.max_input_chars_per_word,
            unknown: id(&model.unk_token)?,
            cls: id("[CLS]")?,
            sep: id("[SEP]")?,
            prefix: model.continuing_subword_prefix,
            vocabulary: model.vocab,
            max_tokens,
        })
    }

    /// The tokenizer for an encoder: limits texts to the positions of `architecture`, and checks the vocabulary.
    ///
    /// # Errors
    /// [`TextError::Unsupported`] if the architecture has no embedding for a token id.
    pub fn fit(mut self, architecture: &Architecture) -> Result<Self, TextError> {
        let largest = self.vocabulary.values().chain(self.special.iter().map(|(_, id)| id)).max();
        if let Some(&id) = largest.filter(|&&id| id as usize >= architecture.vocabulary) {
            let expected = format!("ids below config.json's vocab_size {}", architecture.vocabulary);
            return unsupported("model.vocab", format!("up to id {id}"), expected);
        }
        self.max_tokens = self.max_tokens.min(architecture.positions);
        Ok(self)
    }

    /// Most tokens of a text, `[CLS]` and `[SEP]` included; longer texts are cut.
    pub fn max_tokens(&self) -> usize {
        self.max_tokens
    }

    /// Token ids of a text, from `[CLS]` to `[SEP]`.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut ids = vec![self.cls];
        let full = self.max_tokens - 1;
        let mut rest = text;
        while !rest.is_empty() && ids.len() < full {
            let (plain, special, after) = self.split_at_special(rest);
            self.encode_plain(plain, full, &mut ids);
            ids.extend(special);
            rest = after;
        }
        ids.truncate(full);
        ids.push(self.sep);
        ids
    }

    /// The pieces that a text is cut into, as the vocabulary writes them, without `[CLS]` and `[SEP]`.
    pub fn pieces(&self, text: &str) -> Vec<&str> {
        let ids = self.encode(text);
        let names: HashMap<u32, &str> =
            self.vocabulary.iter().filter(|(_, id)| ids.contains(id)).map(|(name, id)| (*id, name.as_str())).collect();
        ids[1..ids.len() - 1].iter().map(|id| names.get(id).copied().unwrap_or_default()).collect()
    }

    /// Text before the first special token, its id, and the text after it.
    fn split_at_special<'a>(&self, text: &'a str) -> (&'a str, Option<u32>, &'a str) {
        let found = self.special.iter().filter_map(|(token, id)| Some((text.find(token.as_str())?, token.len(), *id)));
        // The leftmost token, and the longest of those that start together.
        match found.min_by_key(|&(at, length, _)| (at, std::cmp::Reverse(length))) {
            Some((at, length, id)) => (&text[..at], Some(id), &text[at + length..]),
            None => (text, None, ""),
        }
    }

    /// Encodes text without special tokens, word by word, until there are `full` ids.
    fn encode_plain(&self, text: &str, full: usize, ids: &mut Vec<u32>) {
        let mut word = String::new();
        for c in self.normalizer.normalize(text) {
            let is_own_word = is_punctuation(c);
            if !is_own_word && !c.is_whitespace() {
                word.push(c);
                continue;
            }
            self.encode_word(&word, ids);
            word.clear();
            if is_own_word {
                self.encode_word(c.encode_utf8(&mut [0; 4]), ids);
            }
            if ids.len() >= full {
                return;
            }
        }
        self.encode_word(&word, ids);
    }

    /// Splits a word into pieces, each the longest possible one. A word that cannot be split completely is unknown as a whole.
    fn encode_word(&self, word: &str, ids: &mut Vec<u32>) {
        if word.is_empty() {
            return;
        }
        if word.chars().nth(self.max_word_chars).is_some() {
            return ids.push(self.unknown);
        }
        let before = ids.len();
        let mut piece = String::new();
        let mut start = 0;
        while start < word.len() {
            let Some((id, end)) = self.longest_piece(word, start, &mut piece) else {
                ids.truncate(before);
                return ids.push(self.unknown);
            };
            ids.push(id);
            start = end;
        }
    }

    /// The longest piece of `word` that begins at byte `start`: its id, and where it ends.
    fn longest_piece(&self, word: &str, start: usize, piece: &mut String) -> Option<(u32, usize)> {
        piece.clear();
        if start > 0 {
            piece.push_str(&self.prefix);
        }
        let prefix = piece.len();
        piece.push_str(&word[start..]);
        while piece.len() > prefix {
            if let Some(&id) = self.vocabulary.get(piece.as_str()) {
                return Some((id, start + piece.len() - prefix));
            }
            piece.pop();
        }
        None
    }
}

fn parse<T>(result: serde_json::Result<T>) -> Result<T, TextError> {
    result.map_err(|source| TextError::Json { file: FILE, source })
}

fn check_type(field: &'static str, part: &Value, expected: &str) -> Result<(), TextError> {
    match part.get("type").and_then(Value::as_str) {
        Some(found) if found == expected => Ok(()),
        found => unsupported(field, found.unwrap_or("absent").into(), expected.into()),
    }
}

fn unsupported<T>(field: &'static str, found: String, expected: String) -> Result<T, TextError> {
    Err(TextError::Unsupported { file: FILE, field, found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiny(max: usize) -> WordPiece {
        let json = serde_json::json!({
            "truncation": {"max_length": max},
            "added_tokens": [{"id": 3, "content": "[MASK]"}, {"id": 2, "content": "[SEP]"}],
            "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                           "strip_accents": null, "lowercase": true},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 10,
                      "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "[MASK]": 3, "un": 4, "##able": 5, "##a": 6, "-": 7, "able": 8}},
        });
        WordPiece::from_json(json.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn longest_pieces_win_and_a_broken_word_is_unknown_whole() {
        let t = tiny(16);
        assert_eq!(t.encode("Unable"), [1, 4, 5, 2]);
        assert_eq!(t.encode("una un-able"), [1, 4, 6, 4, 7, 8, 2]);
        assert_eq!(t.encode("unx able"), [1, 0, 8, 2]);
        assert_eq!(t.encode("unaaaaaaaaa able"), [1, 0, 8, 2], "eleven characters are one too many");
        assert_eq!(t.encode(""), [1, 2]);
    }

    #[test]
    fn pieces_are_named_as_in_the_vocabulary() {
        assert_eq!(tiny(16).pieces("Unable, un-able"), ["un", "##able", "[UNK]", "un", "-", "able"]);
        assert!(tiny(16).pieces("").is_empty());
    }

    #[test]
    fn special_tokens_are_read_in_raw_text() {
        assert_eq!(tiny(16).encode("un[MASK]able[mask]"), [1, 4, 3, 8, 0, 0, 0, 2]);
    }

    #[test]
    fn long_texts_are_cut() {
        let t = tiny(5);
        assert_eq!(t.encode(&"un ".repeat(1_000_000)), [1, 4, 4, 4, 2]);
        assert_eq!(t.encode("unable unable"), [1, 4, 5, 4, 2]);
        assert_eq!(t.encode(&"u".repeat(1_000_000)), [1, 0, 2]);
    }

    #[test]
    fn another_tokenizer_is_refused_by_name() {
        let json = r#"{"model": {"type": "BPE"}, "normalizer": null, "pre_tokenizer": null}"#;
        let error = WordPiece::from_json(json.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("model.type is BPE, this program needs WordPiece"), "{error}");
    }
}
