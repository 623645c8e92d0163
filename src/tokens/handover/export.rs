//! Writing the files of a target into a folder.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};

use super::error::HandoverError;
use super::npz::{self, Array};
use super::rows::Rows;
use super::static_form::StaticForm;
use super::trie_arrays::TrieArrays;
use super::vocabulary::Vocabulary;
use super::{flashrec, hugging_face};
use crate::base::files::{Destination, Draft, write_atomic};
use crate::tokens::{Index, added_tokens};

/// Whom an index is handed over to.
#[derive(Debug, Clone)]
pub enum Target<'a> {
    /// A language model in Hugging Face's form: its tokenizer with item tokens, and first embeddings of them.
    HuggingFace {
        /// The language model's `tokenizer.json`, or the folder of it.
        base: &'a Path,
        /// Embeddings, where they are wanted.
        rows: Option<Rows<'a>>,
    },
    /// Anything that decodes under constraints: the trie as arrays in compressed sparse rows.
    Trie,
    /// STATIC.
    Static,
    /// FlashRec.
    FlashRec,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Items that were handed over.
    pub items: usize,
    /// Tokens in `added_tokens.json`.
    pub tokens: usize,
    /// Number of the first of them.
    pub first_token: u64,
    /// Names of the files.
    pub files: Vec<&'static str>,
}

/// Writes the files of a target into the folder `out`, which is made if it does not exist. `sizes` is `[width]` the vocabulary
/// size of each position, from which tokens are numbered, whichever items the index has.
///
/// # Errors
/// [`HandoverError`]
pub fn export(index: &Index, sizes: &[usize], target: &Target<'_>, out: &Path) -> Result<Exported, HandoverError> {
    let vocabulary = Vocabulary::new(index, sizes);
    let mut folder = Folder { path: out, files: Vec::new() };
    std::fs::create_dir_all(out)?;
    let mut first_token = 0;
    match target {
        Target::HuggingFace { base, rows } => {
            let extended = hugging_face::extend(base, vocabulary.tokens())?;
            let rows = rows.as_ref().map(|rows| Ok((rows.of(index, vocabulary.tokens())?, rows.hidden_size)));
            if let Some((rows, width)) = rows.transpose().map_err(|error: HandoverError| error)? {
                folder.write("embeddings.safetensors", |file| file.write_all(&safetensors(&rows, width, extended.first)))?;
            }
            for (name, bytes) in &extended.files {
                folder.write(name, |file| file.write_all(bytes))?;
            }
            first_token = extended.first;
        }
        Target::Trie => {
            folder.write_npz("trie.npz", &TrieArrays::new(index, &vocabulary)?.named())?;
            folder.write("ids.json", |file| Ok(serde_json::to_writer(file, &index.ids)?))?;
        }
        Target::Static => {
            let trie = TrieArrays::new(index, &vocabulary)?;
            let form = StaticForm::new(&trie, vocabulary.tokens().len(), index.width)?;
            folder.write_npz("static.npz", &form.named())?;
        }
        Target::FlashRec => {
            let codes = flashrec::codes(index)?;
            folder.write("catalog.json", |file| flashrec::write(file, index, &codes))?;
        }
    }
    let numbered = added_tokens(vocabulary.tokens().iter().cloned(), first_token);
    folder.write("added_tokens.json", |file| writeln!(file, "{numbered}"))?;
    Ok(Exported { items: index.items(), tokens: vocabulary.tokens().len(), first_token, files: folder.files })
}

/// The folder that is written.
struct Folder<'a> {
    path: &'a Path,
    files: Vec<&'static str>,
}

impl Folder<'_> {
    fn write(&mut self, name: &'static str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        write_atomic(&self.path.join(name), |file| write(file))?;
        self.files.push(name);
        Ok(())
    }

    fn write_npz(&mut self, name: &'static str, arrays: &[Array<'_>]) -> io::Result<()> {
        let mut draft = Draft::seekable(&Destination::resolve(&self.path.join(name))?)?;
        npz::write(&mut draft, arrays)?;
        draft.commit()?;
        self.files.push(name);
        Ok(())
    }
}

/// `embeddings [tokens][width]` in the order of `added_tokens.json`.
fn safetensors(rows: &[f32], width: usize, first_token: u64) -> Vec<u8> {
    let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
    let tensor = TensorView::new(Dtype::F32, vec![rows.len() / width.max(1), width], &bytes).expect("rows are whole");
    let metadata = HashMap::from([("first_token".to_string(), first_token.to_string())]);
    safetensors::serialize([("embeddings", tensor)], Some(metadata)).expect("the view is consistent")
}
