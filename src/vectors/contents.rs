//! What a file holds, and what of it is read as vectors and as ids.

use std::fmt;

use super::EmbeddingError;
use crate::catalog::id_rank;

/// Names of the vectors, the preferred first.
const VECTORS: [&str; 4] = ["embeddings", "embedding", "vectors", "vector"];
/// Names in a message; a file may have thousands.
const SHOWN: usize = 12;

/// What of a file was read as what.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Contents {
    /// Column, tensor or array of the vectors, in files where they have names.
    pub vectors: Option<String>,
    /// Column, tensor, array or file of the ids; none where rows are numbered.
    pub ids: Option<String>,
    /// What else there is.
    pub not_read: Vec<String>,
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(vectors) = &self.vectors {
            write!(f, "vectors: {vectors}; ")?;
        }
        write!(f, "ids: {}", self.ids.as_deref().unwrap_or("row numbers"))?;
        if !self.not_read.is_empty() {
            write!(f, "; not read: {}", shown(self.not_read.iter().cloned()))?;
        }
        Ok(())
    }
}

/// A column, tensor or array of a file.
pub(super) struct Entry {
    pub name: String,
    /// Type and shape, for messages.
    pub kind: String,
    /// Whether it can be the vectors.
    pub is_matrix: bool,
}

/// Which entries are the vectors and the ids.
pub(super) struct Chosen {
    pub vectors: usize,
    pub ids: Option<usize>,
    pub contents: Contents,
}

/// Chooses among the entries of `file`: the named ones, or else those with usual names, or the only matrix. What is chosen
/// by its name may still be of a type that cannot be read.
///
/// # Errors
/// A name that no entry has; or no entry, or several, that could be the vectors.
pub(super) fn choose(entries: &[Entry], array: Option<&str>, ids: Option<&str>, file: &str) -> Result<Chosen, EmbeddingError> {
    let vectors = match array {
        Some(name) => find(entries, name, "--array", file)?,
        None => usual_vectors(entries).ok_or_else(|| no_array(entries, file))?,
    };
    let ids = match ids {
        Some("") => None,
        Some(name) => Some(find(entries, name, "--field id", file)?),
        None => usual_ids(entries).filter(|&at| at != vectors),
    };
    let name = |at: usize| entries[at].name.clone();
    let rest = (0..entries.len()).filter(|&at| at != vectors && Some(at) != ids);
    let contents = Contents { vectors: Some(name(vectors)), ids: ids.map(name), not_read: rest.map(name).collect() };
    Ok(Chosen { vectors, ids, contents })
}

/// The rank of a name among those of ids, if it is one: those of a catalogue, and their plurals.
pub(super) fn ids_rank(name: &str) -> Option<usize> {
    let name = name.trim();
    id_rank(name).or_else(|| id_rank(name.strip_suffix(['s', 'S'])?))
}

/// Types and shapes of entries, for messages.
pub(super) fn list(entries: &[Entry]) -> String {
    shown(entries.iter().map(|entry| format!("{} {}", entry.name, entry.kind)))
}

fn find(entries: &[Entry], name: &str, option: &'static str, file: &str) -> Result<usize, EmbeddingError> {
    entries.iter().position(|entry| entry.name == name).ok_or_else(|| EmbeddingError::NotThere {
        name: file.into(),
        wanted: name.into(),
        option,
        found: format!("Among: {}", list(entries)),
    })
}

fn usual_vectors(entries: &[Entry]) -> Option<usize> {
    let named = || VECTORS.iter().filter_map(|name| entries.iter().position(|e| e.name.trim().eq_ignore_ascii_case(name)));
    let only = || {
        let mut matrices = (0..entries.len()).filter(|&at| entries[at].is_matrix);
        matrices.next().filter(|_| matrices.next().is_none())
    };
    let mut others = (0..entries.len()).filter(|&at| ids_rank(&entries[at].name).is_none());
    let rest = others.next().filter(|_| others.next().is_none());
    // One that cannot be read is still chosen where nothing else could be meant, for an error that says how to mend it.
    named().find(|&at| entries[at].is_matrix).or_else(only).or_else(|| named().next()).or(rest)
}

fn usual_ids(entries: &[Entry]) -> Option<usize> {
    let ranked = entries.iter().enumerate().filter_map(|(at, entry)| Some((ids_rank(&entry.name)?, at)));
    ranked.min().map(|(_, at)| at)
}

fn no_array(entries: &[Entry], file: &str) -> EmbeddingError {
    let example = entries.iter().find(|entry| entry.is_matrix).map(|entry| &entry.name);
    // The page has no options.
    let advice = if !cfg!(feature = "files") {
        String::new()
    } else if entries.is_empty() {
        ". Write the vectors again".into()
    } else if let Some(example) = example {
        format!(". Choose one of [items, width]: --array {example}")
    } else {
        ". Write the vectors as one array or column of [items, width]".into()
    };
    EmbeddingError::NoArray { name: file.into(), found: list(entries), advice }
}

fn shown(names: impl ExactSizeIterator<Item = String>) -> String {
    match names.len() {
        0 => "none".into(),
        count => {
            let more = if count > SHOWN { format!(" and {} more", count - SHOWN) } else { String::new() };
            names.take(SHOWN).collect::<Vec<_>>().join(", ") + &more
        }
    }
}
