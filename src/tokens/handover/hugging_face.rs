//! A language model's tokenizer with item tokens added.

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

use super::earlier::Earlier;
use super::error::HandoverError;

/// The tokenizer itself.
pub(super) const TOKENIZER: &str = "tokenizer.json";
/// What lies beside it and stays as it is.
const BESIDE: [&str; 3] = ["tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"];

/// What helps where a tokenizer's file has other numbers than it gets.
const SAVE: &str = "save it anew with them (`save_pretrained`)";

/// First embeddings of the tokens.
pub(super) const EMBEDDINGS: &str = "embeddings.safetensors";
/// The files that only some hand-overs have.
pub(super) const OPTIONAL: [&str; 4] = [EMBEDDINGS, BESIDE[0], BESIDE[1], BESIDE[2]];

/// A language model's tokenizer with tokens added.
pub(super) struct Extended {
    /// Names and contents of its files.
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
    /// Number of the first added token.
    pub(super) first: u64,
}

/// Adds tokens to a tokenizer, in order and after its own: `base` is a `tokenizer.json` or the folder of one. Where it has those of
/// the `earlier` hand-over, this one goes on with it.
///
/// # Errors
/// It cannot be read, or has another form, or one of the tokens, which no earlier hand-over gave it; or one token begins as another.
pub(super) fn extend(base: &Path, tokens: &[String], earlier: Option<&Earlier>) -> Result<Extended, HandoverError> {
    check_apart(tokens)?;
    let path = if base.is_dir() { base.join(TOKENIZER) } else { base.into() };
    let read = |path: &Path| fs::read(path).map_err(|source| HandoverError::Read { path: path.into(), source });
    let (json, first) = with_tokens(&read(&path)?, tokens, earlier, &path)?;
    let mut files = vec![(TOKENIZER, json)];
    for name in BESIDE {
        match read(&path.with_file_name(name)) {
            Ok(bytes) => {
                let json = if name.ends_with(".json") { serde_json::from_slice(&bytes).map(|_: Value| ()) } else { Ok(()) };
                json.map_err(|error| HandoverError::Base { path: path.with_file_name(name), what: error.to_string() })?;
                files.push((name, bytes));
            }
            Err(HandoverError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    if !files.iter().any(|(name, _)| *name == BESIDE[0]) {
        // Without it, `transformers` does not know which class reads the tokenizer.
        files.push((BESIDE[0], b"{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}\n".to_vec()));
    }
    Ok(Extended { files, first })
}

/// Checks that no token begins as another: a tokenizer takes the longest that fits, so `q` and then `2q` could be read as `q2` and `q`.
fn check_apart(tokens: &[String]) -> Result<(), HandoverError> {
    let mut sorted: Vec<&String> = tokens.iter().collect();
    sorted.sort_unstable();
    // What begins as a text follows it in sorted order.
    match sorted.windows(2).find(|pair| pair[1].starts_with(pair[0].as_str())) {
        Some(pair) => Err(HandoverError::Begins { short: pair[0].clone(), long: pair[1].clone() }),
        None => Ok(()),
    }
}

/// The `tokenizer.json` with tokens added, and the number of the first: that which `tokenizers` itself would give it, or the one
/// that it has.
fn with_tokens(base: &[u8], tokens: &[String], earlier: Option<&Earlier>, path: &Path) -> Result<(Vec<u8>, u64), HandoverError> {
    let wrong = |what: String| HandoverError::Base { path: path.into(), what };
    let mut tokenizer: Value = serde_json::from_slice(base).map_err(|error| wrong(error.to_string()))?;
    let own = Own::of(&tokenizer).map_err(wrong)?;
    let earlier = earlier.filter(|earlier| earlier.tokens().first().is_some_and(|token| own.added.contains_key(token.as_str())));
    let first = earlier.map_or(own.next, Earlier::first);
    let mut entries = Vec::new();
    for (token, id) in tokens.iter().zip(first..) {
        match (own.added.get(token.as_str()), earlier) {
            (Some(&found), Some(_)) if found == id => {}
            (Some(&found), Some(earlier)) => return Err(earlier.moved(token, id, Some(found))),
            (None, _) if id < own.next => {
                return Err(wrong(format!(
                    "another token has the number {id} of {token}: take the tokenizer as that export left it"
                )));
            }
            (None, _) if !own.vocabulary.contains_key(token.as_str()) => entries.push(json!({
                "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
                "special": false,
            })),
            _ => return Err(HandoverError::Known { path: path.into(), token: token.clone() }),
        }
    }
    match &mut tokenizer["added_tokens"] {
        Value::Array(added) => added.extend(entries),
        missing => *missing = entries.into(),
    }
    let json = serde_json::to_vec_pretty(&tokenizer).map_err(|error| wrong(error.to_string()))?;
    Ok((json, first))
}

/// The tokens that a tokenizer has.
struct Own {
    /// Numbers of those of its vocabulary.
    vocabulary: HashMap<String, u64>,
    /// Numbers of those that were added to it.
    added: HashMap<String, u64>,
    /// The first number that is free.
    next: u64,
}

impl Own {
    /// Those of a `tokenizer.json`.
    ///
    /// # Errors
    /// It has no vocabulary, or says another number of a token than `tokenizers` gives it.
    fn of(tokenizer: &Value) -> Result<Self, String> {
        let (vocabulary, size): (HashMap<String, u64>, usize) = match &tokenizer["model"]["vocab"] {
            Value::Object(vocab) => {
                (vocab.iter().filter_map(|(token, id)| Some((token.clone(), id.as_u64()?))).collect(), vocab.len())
            }
            // Of unigram models: pairs of a token and its score, in the order of their numbers.
            Value::Array(vocab) => {
                let tokens = (0..).zip(vocab).filter_map(|(id, pair)| Some((pair[0].as_str()?.to_owned(), id)));
                (tokens.collect(), vocab.len())
            }
            _ => return Err("it has no model.vocab".into()),
        };
        let entries = tokenizer["added_tokens"].as_array().into_iter().flatten();
        let entries = entries.filter_map(|added| Some((added["content"].as_str()?.to_owned(), added["id"].as_u64()?)));
        let (mut added, mut next) = (HashMap::new(), size as u64);
        for (token, id) in entries {
            if token.is_empty() {
                return Err(format!(
                    "its added token number {id} has no text, and Hugging Face's libraries leave it out: {SAVE}"
                ));
            }
            // What is new gets the next number, whatever the file says.
            let known = vocabulary.get(&token).or_else(|| added.get(&token)).copied();
            if id != known.unwrap_or(next) {
                let (why, given) = match known {
                    Some(known) => ("to which the same text is the same token", known),
                    None => ("which number added tokens one after another", next),
                };
                return Err(format!(
                    "it says that {token} has the number {id}, and Hugging Face's libraries, {why}, give it {given}: {SAVE}"
                ));
            }
            next = next.max(id + 1);
            added.insert(token, id);
        }
        Ok(Self { vocabulary, added, next })
    }
}
