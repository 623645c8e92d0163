//! Handing an index over to decoders, as the program's `export`.

use std::collections::HashSet;
use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use unitok::base::words::{counted, verb};
use unitok::tokens::Columns;
use unitok::tokens::handover::{self, Earlier, MadeBy, Rows, Said, Target};

use crate::errors::{OrRaise, warn};
use crate::index::Index;
use crate::tokenizer::Tokenizer;
use crate::{json, sizes, threads};

/// Writes an index as the files that a decoder reads, as `unitok export` does.
///
/// Args:
///     index: An Index, or the path of one.
///     out: Folder to write into.
///     target: "hf" for a language model's tokenizer with the item tokens added, "trie" for the trie as arrays in compressed
///         sparse rows, "static" for STATIC, "flashrec" for FlashRec, "sid-gr" for NVIDIA's sid_gr.
///     only: Ids of the items to hand over, for example those in stock. Tokens keep their numbers. A UserWarning says how many of
///         them the index lacks.
///     codes: Vocabulary size of each position, or one for all, so that tokens of later items are numbered too. By default
///         that of the tokenizer in the index's lockfile, where it is at hand.
///     after: An earlier export's folder, or its added_tokens.json: its tokens keep their numbers, and new ones come after them.
///         The base may then have its tokens.
///     base: "hf": the language model's tokenizer.json, or its folder.
///     tokenizer: "hf": the tokenizer that made the index, for first embeddings of the item tokens from its codebooks.
///     hidden_size: "hf": their width.
///     deviation: "hf": root mean square of their values.
///     layout, code_vocabulary: As the index was made with, where it has no lockfile that says it.
///     ignore_lock: Whether to go on where the lockfile says something else.
///
/// Returns:
///     A dict with items, tokens, first_token and files.
#[pyfunction]
#[pyo3(signature = (
    index, out, target, *, only=None, codes=None, after=None, base=None, tokenizer=None, hidden_size=None, deviation=0.02,
    layout=None, code_vocabulary=None, ignore_lock=false
))]
#[expect(clippy::too_many_arguments, reason = "Python's callers name them")]
pub fn export<'py>(
    index: &Bound<'py, PyAny>,
    out: PathBuf,
    target: &str,
    only: Option<HashSet<String>>,
    codes: Option<&Bound<'py, PyAny>>,
    after: Option<PathBuf>,
    base: Option<PathBuf>,
    tokenizer: Option<&Tokenizer>,
    hidden_size: Option<usize>,
    deviation: f32,
    layout: Option<&str>,
    code_vocabulary: Option<&str>,
    ignore_lock: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let py = index.py();
    let wrong = |what: &str| Err(PyValueError::new_err(what.to_string()));
    let mut locked = Index::columns_of(index, !ignore_lock)?;
    let said = Said {
        layout: layout.map(str::parse).transpose().or_raise()?,
        code_vocabulary: code_vocabulary.map(str::parse).transpose().or_raise()?,
        codes: sizes::given(codes)?,
        model: tokenizer.map(Tokenizer::model),
    };
    let MadeBy { layout, code_vocabulary, sizes } = threads::run(py, || MadeBy::new(&locked, &said))?.or_raise()?;
    let rows = match (tokenizer, hidden_size) {
        (Some(tokenizer), Some(hidden_size @ 1..)) => {
            Some(Rows { model: tokenizer.model(), layout, code_vocabulary, hidden_size, deviation })
        }
        (None, None) => None,
        _ => return wrong("first embeddings need both tokenizer and hidden_size, which is at least 1"),
    };
    let target = Target::new(target.parse().or_raise()?, base.as_deref(), rows).or_raise()?;
    let index = std::mem::take(&mut locked.index);
    let index = match only {
        Some(ids) => chosen(py, &index, &ids)?,
        None => index,
    };
    let exported = threads::run(py, || {
        let earlier = after.as_deref().map(Earlier::read).transpose()?;
        handover::export(index, &sizes, earlier.as_ref(), &target, &out)
    });
    json::to_python(py, &exported?.or_raise()?)
}

/// The items with these ids, with a warning where the index lacks some.
fn chosen(py: Python<'_>, index: &Columns, ids: &HashSet<String>) -> PyResult<Columns> {
    let chosen = index.only(|id| ids.contains(id));
    let (found, named) = (chosen.items(), ids.len());
    if found == 0 {
        return Err(PyValueError::new_err("none of the ids in only is in the index"));
    }
    if found < named {
        let lacking = named - found;
        warn(py, format!("only: {lacking} of {} {} not in the index", counted(named, "id"), verb(lacking, "is", "are")))?;
    }
    Ok(chosen)
}
