//! Handing an index over to decoders, as the program's `export`.

use std::collections::HashSet;
use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use unitok::tokens::handover::{self, Rows, Target};

use crate::errors::OrRaise;
use crate::index::Index;
use crate::tokenizer::Tokenizer;
use crate::{json, sizes, threads};

/// Writes an index as the files that a decoder reads, as `unitok export` does.
///
/// Args:
///     index: An Index, or the path of one.
///     out: Folder to write into.
///     target: "hf" for a language model's tokenizer with the item tokens added, "trie" for the trie as arrays in compressed
///         sparse rows, "static" for STATIC, "flashrec" for FlashRec.
///     only: Ids of the items to hand over, for example those in stock. Tokens keep their numbers.
///     codes: Vocabulary size of each position, or one for all, so that tokens of later items are numbered too.
///     base: "hf": the language model's tokenizer.json, or its folder.
///     tokenizer: "hf": the tokenizer that made the index, for first embeddings of the item tokens from its codebooks.
///     hidden_size: "hf": their width.
///     deviation: "hf": root mean square of their values.
///     layout, code_vocabulary: "hf": as the index was made with.
///
/// Returns:
///     A dict with items, tokens, first_token and files.
#[pyfunction]
#[pyo3(signature = (
    index, out, target, *, only=None, codes=None, base=None, tokenizer=None, hidden_size=None, deviation=0.02,
    layout="expert-last", code_vocabulary="shared"
))]
#[expect(clippy::too_many_arguments, reason = "Python's callers name them")]
pub fn export<'py>(
    index: &Bound<'py, PyAny>,
    out: PathBuf,
    target: &str,
    only: Option<HashSet<String>>,
    codes: Option<&Bound<'py, PyAny>>,
    base: Option<PathBuf>,
    tokenizer: Option<&Tokenizer>,
    hidden_size: Option<usize>,
    deviation: f32,
    layout: &str,
    code_vocabulary: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = index.py();
    let wrong = |what: &str| Err(PyValueError::new_err(what.to_string()));
    let rows = match (tokenizer, hidden_size) {
        (Some(tokenizer), Some(hidden_size @ 1..)) => Some(Rows {
            model: tokenizer.model(),
            layout: layout.parse().or_raise()?,
            code_vocabulary: code_vocabulary.parse().or_raise()?,
            hidden_size,
            deviation,
        }),
        (None, None) => None,
        _ => return wrong("first embeddings need both tokenizer and hidden_size, which is at least 1"),
    };
    let target = match (target, &base, rows) {
        ("hf", Some(base), rows) => Target::HuggingFace { base, rows },
        ("hf", None, _) => return wrong("target \"hf\" needs base: the language model's tokenizer.json"),
        (_, Some(_), _) | (_, _, Some(_)) => return wrong("base, tokenizer and hidden_size belong to target \"hf\""),
        ("trie", ..) => Target::Trie,
        ("static", ..) => Target::Static,
        ("flashrec", ..) => Target::FlashRec,
        _ => return wrong(&format!("target {target:?} is not one of hf, trie, static, flashrec")),
    };
    let index = Index::of(index)?;
    let sizes = sizes::of_positions(&index, codes)?;
    let chosen = only.map(|ids| index.only(|id| ids.contains(id)));
    if chosen.as_ref().is_some_and(|chosen| chosen.ids.is_empty()) {
        return wrong("none of the ids in only is in the index");
    }
    let chosen = chosen.as_ref().unwrap_or(&index);
    json::to_python(py, &threads::run(py, || handover::export(chosen, &sizes, &target, &out))?.or_raise()?)
}
