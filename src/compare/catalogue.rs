//! A catalogue of the comparison: a folder with items and interactions.

use std::path::{Path, PathBuf};

use super::error::CompareError;
use super::vectors::Vectors;
use crate::base::hash::fnv1a;
use crate::catalog::{self, Item, ReadOptions};
use crate::interactions::{self, Options, Reading, Sequences};
use crate::recommend::dataset::Dataset;

/// What files of items are called, without extension.
const ITEMS: [&str; 7] = ["items", "item", "catalogue", "catalog", "products", "meta", "metadata"];
/// What files of interactions are called, without extension.
const SEQUENCES: [&str; 6] = ["sequences", "interactions", "ratings", "reviews", "events", "inter"];

/// Items, what users did with them, and the items' vectors.
#[derive(Debug)]
pub struct Catalogue {
    /// The folder's name.
    pub name: String,
    /// Every item, with or without interactions.
    pub items: Vec<Item>,
    /// Their ids: the order in which items are numbered everywhere.
    pub ids: Vec<String>,
    /// What users did.
    pub sequences: Sequences,
    /// The same, split leave-one-out.
    pub dataset: Dataset,
    /// The items' vectors.
    pub vectors: Vectors,
    /// How the interactions were read, and what was left out of them.
    pub reading: Reading,
    /// Hashes of the parts, by which runs are known to be of the same data.
    pub hashes: Hashes,
    path: PathBuf,
}

/// Hashes of a catalogue's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashes {
    /// Of the items' fields.
    pub items: u64,
    /// Of the sequences.
    pub sequences: u64,
}

impl Catalogue {
    /// Reads a folder; its vectors are still to come.
    ///
    /// # Errors
    /// Files that are not there, or cannot be read.
    pub fn open(folder: &Path) -> Result<Self, CompareError> {
        let name = name(folder)?;
        let items = items(&find(folder, &ITEMS, "items")?)?;
        let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        let path = find(folder, &SEQUENCES, "interactions")?;
        let wrong = |source| CompareError::Sequences { path: path.clone(), source: Box::new(source) };
        let (sequences, reading) = interactions::open(&path, &ids, &Options::default()).map_err(wrong)?;
        let dataset = Dataset::leave_one_out(&sequences, ids.len()).map_err(wrong)?;
        let hashes = Hashes { items: hash_of_items(&items), sequences: hash_of_sequences(&sequences) };
        Ok(Self { name, items, ids, sequences, dataset, vectors: Vectors::default(), hashes, reading, path: folder.into() })
    }

    /// Training interactions of those who take part.
    pub fn interactions(&self) -> usize {
        self.dataset.users().iter().map(|user| user.training.len()).sum()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn name(folder: &Path) -> Result<String, CompareError> {
    let wrong = |what: &str| CompareError::Catalogue { path: folder.into(), what: what.into() };
    if !folder.is_dir() {
        return Err(wrong(
            "this is no folder. A catalogue is a folder with items.jsonl and sequences.txt, or files of that kind",
        ));
    }
    let full = folder.canonicalize().map_err(CompareError::at(folder))?;
    let name = full.file_name().and_then(|name| name.to_str());
    name.map(ToOwned::to_owned).ok_or_else(|| wrong("the folder's name is not UTF-8: rename it"))
}

/// Endings of copies and by-products, which are not what is meant.
const OTHERS: [&str; 6] = [".bak", ".old", ".orig", ".tmp", "~", ".index.json"];

/// The file of a folder with one of these names; what is preferred comes first.
fn find(folder: &Path, stems: &[&str], what: &str) -> Result<PathBuf, CompareError> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(CompareError::at(folder))? {
        names.extend(entry.map_err(CompareError::at(folder))?.file_name().into_string());
    }
    names.retain(|name| !OTHERS.iter().any(|other| name.ends_with(other)));
    names.sort();
    let is_called = |name: &&String, stem: &str| {
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        first.eq_ignore_ascii_case(stem) || rest.eq_ignore_ascii_case(stem)
    };
    let wrong = |what: String| CompareError::Catalogue { path: folder.into(), what };
    let called = |stem: &&str| names.iter().filter(|name| is_called(name, stem)).collect::<Vec<_>>();
    match stems.iter().map(called).find(|found| !found.is_empty()).unwrap_or_default().as_slice() {
        [name] => Ok(folder.join(name)),
        [] => Err(wrong(format!(
            "no file of {what} among: {}. It is to be called {}, with any extension",
            names.join(", "),
            stems[0]
        ))),
        [first, second, ..] => Err(wrong(format!("{first} and {second} could both be its {what}: leave one of them there"))),
    }
}

fn items(path: &Path) -> Result<Vec<Item>, CompareError> {
    let items = catalog::open(path, &ReadOptions::default())?.collect::<Result<Vec<_>, _>>()?;
    if items.is_empty() {
        return Err(CompareError::Catalogue { path: path.into(), what: "there are no items in it".into() });
    }
    Ok(items)
}

fn hash_of_sequences(sequences: &Sequences) -> u64 {
    let none = u32::MAX;
    let users = sequences.users().flat_map(|user| {
        let length = user.items.len() as u32;
        user.items.iter().map(move |item| item.unwrap_or(none)).chain([none, length])
    });
    fnv1a(users.flat_map(u32::to_le_bytes))
}

fn hash_of_items(items: &[Item]) -> u64 {
    let fields = items.iter().flat_map(|item| {
        let categories = item.categories.names().map(String::as_str);
        [item.id.as_str(), &item.title, &item.brand, &item.description].into_iter().chain(categories)
    });
    fnv1a(fields.flat_map(|field| field.bytes().chain([0])))
}
