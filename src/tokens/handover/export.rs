//! Writing the files of a target into a folder.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};

use super::codes::codes;
use super::earlier::{self, ADDED_TOKENS, Earlier, IDS};
use super::error::HandoverError;
use super::flashrec::Catalogue;
use super::folder::Folder;
use super::static_form::StaticForm;
use super::target::{Kind, Target};
use super::vocabulary::Vocabulary;
use super::{hugging_face, npz, sid_gr, trie_arrays};
use crate::base::ids::IdList;
use crate::tokens::{Columns, numbered_tokens};

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
    let mut folder = Folder::open(out)?;
    let exported = fill(&mut folder, index, sizes, &vocabulary, earlier, target);
    if exported.is_err() {
        folder.remove();
    }
    exported
}

fn fill(
    folder: &mut Folder<'_>,
    index: Columns,
    sizes: &[usize],
    vocabulary: &Vocabulary,
    earlier: Option<&Earlier>,
    target: &Target<'_>,
) -> Result<Exported, HandoverError> {
    let (items, tokens) = (index.items(), vocabulary.tokens());
    let (kind, model) = (target.kind, target.language_model.as_ref());
    let extended = model.map(|model| hugging_face::extend(model.base, tokens, earlier)).transpose()?;
    let first_token = extended.as_ref().map_or(0, |extended| extended.first);
    spare(folder.path, kind)?;
    let lying = Earlier::in_folder(folder.path)?;
    earlier.into_iter().chain(&lying).try_for_each(|earlier| earlier.check(tokens, first_token))?;
    match kind {
        Kind::HuggingFace => {
            if let Some(wanted) = model.and_then(|model| model.rows.as_ref()) {
                let file = safetensors(&wanted.of(&index, tokens)?, wanted.hidden_size, first_token);
                folder.write(hugging_face::EMBEDDINGS, |out| out.write_all(&file))?;
            }
            let files = extended.into_iter().flat_map(|extended| extended.files);
            files.into_iter().try_for_each(|(name, bytes)| folder.write(name, |file| file.write_all(&bytes)))?;
        }
        Kind::Trie => {
            write_ids(folder, &index.ids)?;
            let sorted = vocabulary.sorted(index)?;
            folder.write(kind.file(), |draft| npz::write(draft, &trie_arrays::named(&sorted)))?;
        }
        Kind::Static => {
            let sorted = vocabulary.sorted(index)?;
            let form = StaticForm::new(&sorted, tokens.len())?;
            folder.write(kind.file(), |draft| npz::write(draft, &form.named()))?;
        }
        Kind::FlashRec => {
            let catalogue = Catalogue::new(index)?;
            folder.write(kind.file(), |file| catalogue.write(file))?;
        }
        Kind::SidGr => {
            let codes = codes(&index, "sid_gr")?;
            earlier::check_items(folder.path, &index.ids)?;
            write_ids(folder, &index.ids)?;
            folder.write(kind.file(), |draft| sid_gr::write_tensor(draft, &index, &codes))?;
            folder.write(sid_gr::SETTINGS, |file| file.write_all(sid_gr::settings(sizes).as_bytes()))?;
        }
    }
    let numbered = numbered_tokens(tokens.iter().cloned(), first_token);
    folder.write(ADDED_TOKENS, |file| writeln!(file, "{numbered}"))?;
    // A folder in which an earlier export lies is its own: what that one wrote and this one does not would no longer fit.
    let stale: &[&str] = if lying.is_some() && kind == Kind::HuggingFace { &hugging_face::OPTIONAL } else { &[] };
    let files = folder.commit(kind.file(), stale)?;
    Ok(Exported { items, tokens: tokens.len(), first_token, files })
}

/// Refuses a folder with the files of another target: one of the two would be left with what belongs to the other.
fn spare(folder: &Path, kind: Kind) -> Result<(), HandoverError> {
    let mut others = kind.others().map(|other| folder.join(other.file()));
    others.find(|path| path.exists()).map_or(Ok(()), |path| Err(HandoverError::Occupied { path }))
}

fn write_ids(folder: &mut Folder<'_>, ids: &IdList) -> io::Result<()> {
    folder.write(IDS, |file| Ok(serde_json::to_writer(file, ids)?))
}

/// `embeddings [tokens][width]` in the order of `added_tokens.json`.
fn safetensors(rows: &[f32], width: usize, first_token: u64) -> Vec<u8> {
    let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
    let tensor = TensorView::new(Dtype::F32, vec![rows.len() / width.max(1), width], &bytes).expect("rows are whole");
    let metadata = HashMap::from([("first_token".to_string(), first_token.to_string())]);
    safetensors::serialize([("embeddings", tensor)], Some(metadata)).expect("the view is consistent")
}
