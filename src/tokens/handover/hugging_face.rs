//! A language model's tokenizer with item tokens added.

use std::collections::HashSet;
use std::path::Path;
use std::{fs, io};

use serde_json::{Value, json};

use super::error::HandoverError;

/// The tokenizer itself.
pub(super) const TOKENIZER: &str = "tokenizer.json";
/// What lies beside it and stays as it is.
const BESIDE: [&str; 3] = ["tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"];

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

/// Adds tokens to a tokenizer, in order and after its own: `base` is a `tokenizer.json` or the folder of one.
///
/// # Errors
/// It cannot be read, or has another form, or one of the tokens.
pub(super) fn extend(base: &Path, tokens: &[String]) -> Result<Extended, HandoverError> {
    let path = if base.is_dir() { base.join(TOKENIZER) } else { base.into() };
    let read = |path: &Path| fs::read(path).map_err(|source| HandoverError::Read { path: path.into(), source });
    let (json, first) = with_tokens(&read(&path)?, tokens, &path)?;
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

/// The `tokenizer.json` with tokens added, and the number of the first: that which `tokenizers` itself would give it.
fn with_tokens(base: &[u8], tokens: &[String], path: &Path) -> Result<(Vec<u8>, u64), HandoverError> {
    let wrong = |what: String| HandoverError::Base { path: path.into(), what };
    let mut tokenizer: Value = serde_json::from_slice(base).map_err(|error| wrong(error.to_string()))?;
    let mut known: HashSet<&str> = match &tokenizer["model"]["vocab"] {
        Value::Object(vocab) => vocab.keys().map(String::as_str).collect(),
        // Of unigram models: pairs of a token and its score.
        Value::Array(vocab) => vocab.iter().filter_map(|pair| pair[0].as_str()).collect(),
        _ => return Err(wrong("it has no model.vocab".into())),
    };
    let mut first = known.len() as u64;
    for added in tokenizer["added_tokens"].as_array().into_iter().flatten() {
        known.extend(added["content"].as_str());
        first = first.max(added["id"].as_u64().map_or(0, |id| id + 1));
    }
    if let Some(token) = tokens.iter().find(|token| known.contains(token.as_str())) {
        return Err(HandoverError::Known { path: path.into(), token: token.clone() });
    }
    let entry = |(token, id): (&String, u64)| {
        json!({
            "id": id, "content": token, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": false,
        })
    };
    let entries = tokens.iter().zip(first..).map(entry);
    match &mut tokenizer["added_tokens"] {
        Value::Array(added) => added.extend(entries),
        missing => *missing = entries.collect(),
    }
    let json = serde_json::to_vec_pretty(&tokenizer).map_err(|error| wrong(error.to_string()))?;
    Ok((json, first))
}
