//! Writing the files of a target into a folder.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};

use super::codes::codes;
use super::earlier::{ADDED_TOKENS, Earlier};
use super::error::HandoverError;
use super::flashrec::Catalogue;
use super::hugging_face::{Extended, TOKENIZER};
use super::numbers::Array;
use super::rows::Rows;
use super::static_form::StaticForm;
use super::vocabulary::Vocabulary;
use super::{hugging_face, npz, sid_gr, trie_arrays};
use crate::base::files::{Destination, Draft, write_atomic};
use crate::base::ids::IdList;
use crate::tokens::{Columns, numbered_tokens};

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
    /// NVIDIA's `sid_gr`.
    SidGr,
}

impl Target<'_> {
    /// The file that a target alone has, of each target.
    const FILES: [&'static str; 5] = [TOKENIZER, "trie.npz", "static.npz", "catalog.json", "items.pt"];

    /// Its own of them.
    fn file(&self) -> &'static str {
        let place = match self {
            Self::HuggingFace { .. } => 0,
            Self::Trie => 1,
            Self::Static => 2,
            Self::FlashRec => 3,
            Self::SidGr => 4,
        };
        Self::FILES[place]
    }
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
/// size of each position, from which tokens are numbered, whichever items the index has; those of an `earlier` hand-over keep
/// their numbers.
///
/// # Errors
/// [`HandoverError`], also where a hand-over that lies in `out` has other numbers or is for another target; then a folder that was
/// made is gone again.
pub fn export(
    index: Columns,
    sizes: &[usize],
    earlier: Option<&Earlier>,
    target: &Target<'_>,
    out: &Path,
) -> Result<Exported, HandoverError> {
    let vocabulary = Vocabulary::new(&index, sizes, earlier);
    let made = out.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).collect();
    let mut folder = Folder { path: out, files: Vec::new(), made };
    let filled = |()| folder.fill(index, sizes, &vocabulary, earlier, target);
    let exported = std::fs::create_dir_all(out).map_err(Into::into).and_then(filled);
    if exported.is_err() {
        folder.remove();
    }
    exported
}

/// The folder that is written.
struct Folder<'a> {
    path: &'a Path,
    files: Vec<&'static str>,
    /// Folders that were not there before, the inner ones first.
    made: Vec<&'a Path>,
}

impl Folder<'_> {
    fn fill(
        &mut self,
        index: Columns,
        sizes: &[usize],
        vocabulary: &Vocabulary,
        earlier: Option<&Earlier>,
        target: &Target<'_>,
    ) -> Result<Exported, HandoverError> {
        let (items, tokens) = (index.items(), vocabulary.tokens());
        let extended = match target {
            Target::HuggingFace { base, .. } => Some(hugging_face::extend(base, tokens)?),
            _ => None,
        };
        let first_token = extended.as_ref().map_or(0, |extended| extended.first);
        self.spare(target)?;
        let lying = Earlier::in_folder(self.path)?;
        earlier.into_iter().chain(&lying).try_for_each(|earlier| earlier.check(tokens, first_token))?;
        match target {
            Target::HuggingFace { rows, .. } => {
                self.hugging_face(extended.as_ref(), rows.as_ref(), &index, tokens)?;
            }
            Target::Trie => {
                self.ids(&index.ids)?;
                self.write_npz(target.file(), &trie_arrays::named(&vocabulary.sorted(index)?))?;
            }
            Target::Static => {
                let sorted = vocabulary.sorted(index)?;
                self.write_npz(target.file(), &StaticForm::new(&sorted, tokens.len())?.named())?;
            }
            Target::FlashRec => {
                let catalogue = Catalogue::new(index)?;
                self.write(target.file(), |file| catalogue.write(file))?;
            }
            Target::SidGr => {
                let codes = codes(&index, "sid_gr")?;
                self.ids(&index.ids)?;
                self.write_seekable(target.file(), |draft| sid_gr::write_tensor(draft, &index, &codes))?;
                self.write("items.gin", |file| file.write_all(sid_gr::settings(target.file(), sizes).as_bytes()))?;
            }
        }
        let numbered = numbered_tokens(tokens.iter().cloned(), first_token);
        self.write(ADDED_TOKENS, |file| writeln!(file, "{numbered}"))?;
        Ok(Exported { items, tokens: tokens.len(), first_token, files: std::mem::take(&mut self.files) })
    }

    /// Refuses a folder with the files of another target: one of the two would be left with what belongs to the other.
    fn spare(&self, target: &Target<'_>) -> Result<(), HandoverError> {
        let mut others = Target::FILES.into_iter().filter(|&file| file != target.file()).map(|file| self.path.join(file));
        others.find(|path| path.exists()).map_or(Ok(()), |path| Err(HandoverError::Occupied { path }))
    }

    /// Writes a tokenizer, and first embeddings if they are wanted.
    fn hugging_face(
        &mut self,
        extended: Option<&Extended>,
        rows: Option<&Rows<'_>>,
        index: &Columns,
        tokens: &[String],
    ) -> Result<(), HandoverError> {
        let Some(Extended { files, first }) = extended else { return Ok(()) };
        if let Some(wanted) = rows {
            let file = safetensors(&wanted.of(index, tokens)?, wanted.hidden_size, *first);
            self.write("embeddings.safetensors", |out| out.write_all(&file))?;
        }
        Ok(files.iter().try_for_each(|(name, bytes)| self.write(name, |file| file.write_all(bytes)))?)
    }

    fn ids(&mut self, ids: &IdList) -> io::Result<()> {
        self.write("ids.json", |file| Ok(serde_json::to_writer(file, ids)?))
    }

    fn write(&mut self, name: &'static str, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        self.files.push(name);
        write_atomic(&self.path.join(name), |file| write(file))
    }

    fn write_seekable(&mut self, name: &'static str, write: impl FnOnce(&mut Draft) -> io::Result<()>) -> io::Result<()> {
        self.files.push(name);
        let mut draft = Draft::seekable(&Destination::resolve(&self.path.join(name))?)?;
        write(&mut draft)?;
        Ok(draft.commit()?)
    }

    fn write_npz(&mut self, name: &'static str, arrays: &[Array<'_>]) -> io::Result<()> {
        self.write_seekable(name, |draft| npz::write(draft, arrays))
    }

    /// Removes the folders that were made, with what was written into them.
    fn remove(&self) {
        for name in self.files.iter().filter(|_| !self.made.is_empty()) {
            let _ = std::fs::remove_file(self.path.join(name));
        }
        self.made.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}

/// `embeddings [tokens][width]` in the order of `added_tokens.json`.
fn safetensors(rows: &[f32], width: usize, first_token: u64) -> Vec<u8> {
    let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
    let tensor = TensorView::new(Dtype::F32, vec![rows.len() / width.max(1), width], &bytes).expect("rows are whole");
    let metadata = HashMap::from([("first_token".to_string(), first_token.to_string())]);
    safetensors::serialize([("embeddings", tensor)], Some(metadata)).expect("the view is consistent")
}
