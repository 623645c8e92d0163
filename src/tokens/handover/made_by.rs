//! How an index was made: by its lockfile, which what a caller says must not contradict.

use super::error::HandoverError;
use crate::model::{Model, built_in};
use crate::tokens::lock::{Artefact, Difference, Lock, LockError, Locked};
use crate::tokens::{CodeVocabulary, Columns, Layout, Schema};

const ADVICE: &str =
    "leave it out, so that the lockfile tells it, or go on without the lockfile (--ignore-lock, in Python ignore_lock=True)";
const MODEL: &str =
    "give the tokenizer that made the index, or go on without the lockfile (--ignore-lock, in Python ignore_lock=True)";

/// What a caller says of an index.
#[derive(Debug, Clone, Default)]
pub struct Said<'a> {
    /// Order of the tokens.
    pub layout: Option<Layout>,
    /// Whether experts share code tokens.
    pub code_vocabulary: Option<CodeVocabulary>,
    /// Vocabulary sizes: none, one for all positions, or one for each.
    pub codes: Vec<usize>,
    /// The tokenizer that made it.
    pub model: Option<&'a Model>,
}

/// How an index was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeBy {
    /// Order of the tokens.
    pub layout: Layout,
    /// Whether experts share code tokens.
    pub code_vocabulary: CodeVocabulary,
    /// `[width]` vocabulary size of each position.
    pub sizes: Vec<usize>,
}

impl MadeBy {
    /// By the lockfile of an index, then by what is said of it, then by its tokens.
    ///
    /// # Errors
    /// The lockfile says something else than the caller; or there are not as many sizes as positions.
    pub fn new(locked: &Locked<Columns>, said: &Said<'_>) -> Result<Self, HandoverError> {
        let width = locked.index.width();
        let codes = match said.codes.as_slice() {
            [] => None,
            [size] => Some(vec![*size; width]),
            sizes if sizes.len() == width => Some(sizes.to_vec()),
            sizes => return Err(HandoverError::Sizes { given: sizes.len(), width }),
        };
        let Some(lock) = &locked.lock else {
            return Ok(Self {
                layout: said.layout.unwrap_or_default(),
                code_vocabulary: said.code_vocabulary.unwrap_or_default(),
                sizes: codes.unwrap_or_else(|| locked.index.inferred_sizes()),
            });
        };
        let making = &lock.making;
        let settle = |artefact, before: String, after: Option<String>| match after.filter(|after| *after != before) {
            Some(after) => Err(locked.differs("it is handed over", Difference { artefact, before, after }, ADVICE)),
            None => Ok(()),
        };
        settle("layout", making.layout.to_string(), said.layout.map(|layout| layout.to_string()))?;
        let vocabulary = said.code_vocabulary.map(|vocabulary| vocabulary.to_string());
        settle("code vocabulary", making.code_vocabulary.to_string(), vocabulary)?;
        let mut sizes = known_sizes(locked, lock, said.model)?;
        settle("vocabulary sizes", comma(&sizes), codes.as_ref().map(|codes| comma(&codes[..sizes.len()])))?;
        // A number that tells items of one codeword apart has no size but what is used, or said.
        let rest = codes.unwrap_or_else(|| locked.index.inferred_sizes()).split_off(sizes.len());
        sizes.extend(rest);
        Ok(Self { layout: making.layout, code_vocabulary: making.code_vocabulary, sizes })
    }
}

/// Vocabulary sizes of the positions that the tokenizer of an index fills: by the tokenizer that is said, the lockfile, or the
/// built-in one if it made the index; none where nothing tells them.
///
/// # Errors
/// It is another than the lockfile's.
fn known_sizes(locked: &Locked<Columns>, lock: &Lock, said: Option<&Model>) -> Result<Vec<usize>, LockError> {
    let made_it = |model: &Model| {
        let sha256 = &lock.making.tokenizer.sha256;
        model.digest() == *sha256 || model.extends(sha256)
    };
    if let Some(model) = said.filter(|model| !made_it(model)) {
        let given = Artefact { name: "another".into(), sha256: model.digest() };
        let difference =
            Difference { artefact: "tokenizer", before: lock.making.tokenizer.described(), after: given.described() };
        return Err(locked.differs("it is handed over", difference, MODEL));
    }
    if said.is_none() && !lock.sizes.is_empty() {
        return Ok(lock.sizes.clone());
    }
    let built_in = if said.is_none() { built_in::model().ok().filter(made_it) } else { None };
    let schema = said.or(built_in.as_ref()).map(|model| {
        let schema = Schema::new(&model.config.model, lock.making.layout, lock.making.code_vocabulary);
        schema.map_or(Vec::new(), |schema| schema.sizes)
    });
    Ok(schema.filter(|sizes| sizes.len() <= locked.index.width()).unwrap_or_default())
}

fn comma(sizes: &[usize]) -> String {
    sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}
