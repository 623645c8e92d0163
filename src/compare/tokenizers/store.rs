//! Tokens, made once and kept: many runs read the same.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Made, Task, Tokenizer};
use crate::base::clock::now;
use crate::base::files::{make_folder, write_atomic};
use crate::base::hash::fnv1a;
use crate::compare::catalogue::Catalogue;
use crate::compare::error::CompareError;
use crate::compare::preset::Preset;
use crate::compare::watch::Watcher;
use crate::tokens::{Index, IndexWriter};

/// The file that says that a folder's tokens are complete.
const DONE: &str = "tokens.json";

/// Which tokens.
#[derive(Clone)]
pub struct Key {
    /// Made by.
    pub tokenizer: &'static dyn Tokenizer,
    /// Numbers of the catalogues to train on.
    pub training: Vec<usize>,
    /// Numbers of the catalogues that get tokens.
    pub targets: Vec<usize>,
    /// Changes of the settings.
    pub changes: Vec<String>,
    /// The seed.
    pub seed: u64,
}

/// Tokens with what is known of them.
#[derive(Debug)]
pub struct Tokens {
    /// Of each target, by the number of its catalogue.
    pub indexes: HashMap<usize, Index>,
    /// Facts.
    pub facts: Facts,
}

/// What is kept beside the tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    fingerprint: String,
    /// Names of the catalogues that were trained on.
    pub trained_on: Vec<String>,
    /// Numbers that training changed.
    pub parameters: usize,
    /// Seconds of training and of giving tokens.
    pub seconds: f64,
    /// What the tokenizer measured of itself.
    pub measured: Map<String, Value>,
}

/// The folder of all tokens.
pub struct TokenStore<'a> {
    folder: PathBuf,
    catalogues: &'a [Catalogue],
    preset: &'a Preset,
    read: HashMap<PathBuf, Rc<Tokens>>,
}

impl<'a> TokenStore<'a> {
    /// The store in `folder`, which need not exist.
    pub fn new(folder: PathBuf, catalogues: &'a [Catalogue], preset: &'a Preset) -> Self {
        Self { folder, catalogues, preset, read: HashMap::new() }
    }

    /// What tokens depend on, a line for each.
    ///
    /// # Errors
    /// Settings that the tokenizer does not have.
    pub fn fingerprint(&self, key: &Key) -> Result<String, CompareError> {
        let mut text = format!("program = {}\ntokenizer = {}\n", env!("CARGO_PKG_VERSION"), key.tokenizer.name());
        let settings = key.tokenizer.settings(self.preset, &key.changes)?;
        // The lines of a table that begin alike would be taken for equal, so each gets its place.
        settings.lines().enumerate().for_each(|(number, line)| {
            let _ = writeln!(text, "setting {number}: {line}");
        });
        let _ = writeln!(text, "tokenizer seed = {}", key.seed);
        let reads = key.tokenizer.reads();
        for (role, numbers) in [("training", &key.training), ("target", &key.targets)] {
            for catalogue in numbers.iter().map(|&number| &self.catalogues[number]) {
                let part = |reads: bool, hash: u64| if reads { format!("{hash:016x}") } else { "-".into() };
                let (vectors, fields) = (part(reads.vectors, catalogue.vectors.hash), part(reads.fields, catalogue.hashes.items));
                let of_users = if role == "training" { reads.sequences } else { reads.histories };
                let sequences = part(of_users, catalogue.hashes.sequences);
                let _ =
                    writeln!(text, "{role} {} = {vectors} {fields} {sequences} ({} items)", catalogue.name, catalogue.ids.len());
            }
        }
        Ok(text)
    }

    /// Whether these tokens are complete.
    ///
    /// # Errors
    /// As [`TokenStore::fingerprint`].
    pub fn has(&self, key: &Key) -> Result<bool, CompareError> {
        let fingerprint = self.fingerprint(key)?;
        Ok(facts(&self.folder_of(key)).is_some_and(|facts| facts.fingerprint == fingerprint))
    }

    /// The tokens, made if they are not there. None where the watcher asked to stop.
    ///
    /// # Errors
    /// [`CompareError`].
    pub fn get(&mut self, key: &Key, watcher: &mut dyn Watcher) -> Result<Option<Rc<Tokens>>, CompareError> {
        let folder = self.folder_of(key);
        if let Some(tokens) = self.read.get(&folder) {
            return Ok(Some(tokens.clone()));
        }
        if !self.has(key)? && !self.make(key, &folder, watcher)? {
            return Ok(None);
        }
        let tokens = match self.load(key, &folder) {
            Ok(tokens) => tokens,
            Err(error) => {
                watcher.note(&format!("the tokens in {} are damaged ({error}): they are made again", folder.display()));
                if !self.make(key, &folder, watcher)? {
                    return Ok(None);
                }
                self.load(key, &folder)?
            }
        };
        let tokens = Rc::new(tokens);
        self.read.insert(folder, tokens.clone());
        Ok(Some(tokens))
    }

    fn make(&self, key: &Key, folder: &Path, watcher: &mut dyn Watcher) -> Result<bool, CompareError> {
        make_folder(folder)?;
        let done = folder.join(DONE);
        if done.exists() {
            fs::remove_file(&done).map_err(CompareError::at(&done))?;
        }
        let of = |numbers: &[usize]| numbers.iter().map(|&number| &self.catalogues[number]).collect::<Vec<_>>();
        let (training, targets) = (of(&key.training), of(&key.targets));
        let trained_on = training.iter().map(|catalogue| catalogue.name.clone()).collect();
        watcher.started(&format!("tokens of {}", key.tokenizer.name()));
        let begin = now();
        let mut task = Task { training, targets, seed: key.seed, preset: self.preset, changes: &key.changes, folder, watcher };
        let Some(Made { indexes, parameters, measured }) = key.tokenizer.make(&mut task)? else { return Ok(false) };
        for (&target, index) in key.targets.iter().zip(&indexes) {
            write_index(&index_path(folder, &self.catalogues[target]), index)?;
        }
        let fingerprint = self.fingerprint(key)?;
        let facts = Facts { fingerprint, trained_on, parameters, seconds: now() - begin, measured };
        let bytes = serde_json::to_vec_pretty(&facts).expect("facts are plain");
        write_atomic(&done, |out| out.write_all(&bytes)).map_err(CompareError::at(&done))?;
        Ok(true)
    }

    fn load(&self, key: &Key, folder: &Path) -> Result<Tokens, CompareError> {
        let mut indexes = HashMap::new();
        for &target in &key.targets {
            let path = index_path(folder, &self.catalogues[target]);
            let file = fs::File::open(&path).map_err(CompareError::at(&path))?;
            let (index, ids) = (Index::read(file)?, &self.catalogues[target].ids);
            if index.ids != *ids {
                let other = std::io::Error::other("its items are not those of the catalogue, in their order");
                return Err(CompareError::at(&path)(other));
            }
            indexes.insert(target, index);
        }
        let facts = facts(folder).ok_or_else(|| CompareError::at(&folder.join(DONE))(std::io::ErrorKind::NotFound.into()))?;
        Ok(Tokens { indexes, facts })
    }

    /// The folder of tokens: its name tells them apart, but for the data.
    fn folder_of(&self, key: &Key) -> PathBuf {
        let names: Vec<&str> = key.training.iter().map(|&number| self.catalogues[number].name.as_str()).collect();
        let domains = match names.as_slice() {
            [] => "untrained".into(),
            [name] => (*name).to_owned(),
            names => format!("{}-domains-{:08x}", names.len(), fnv1a(names.join("/").bytes()) as u32),
        };
        let changes: String = key.changes.iter().map(|change| format!(".{change}")).collect();
        let targets = fnv1a(key.targets.iter().flat_map(|&number| self.catalogues[number].name.bytes().chain([0]))) as u32;
        let name = format!("{}.{domains}{changes}.{targets:08x}.{}.{}", key.tokenizer.name(), self.preset.name, key.seed);
        self.folder.join(name.replace(['/', '\\'], "_"))
    }
}

fn facts(folder: &Path) -> Option<Facts> {
    serde_json::from_slice(&fs::read(folder.join(DONE)).ok()?).ok()
}

fn index_path(folder: &Path, catalogue: &Catalogue) -> PathBuf {
    folder.join(format!("{}.index.json", catalogue.name))
}

fn write_index(path: &Path, index: &Index) -> Result<(), CompareError> {
    write_atomic(path, |out| {
        let mut writer = IndexWriter::new(out)?;
        for (item, id) in index.ids.iter().enumerate() {
            let tokens: Vec<&str> = index.row(item).iter().map(|&token| index.vocabulary[token as usize].as_str()).collect();
            writer.push(id, &tokens)?;
        }
        writer.finish()?.flush()
    })
    .map_err(CompareError::at(path))
}
