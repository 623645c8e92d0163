//! The tokenizers of the comparison, a file each.
//!
//! To add one: a file here with a type that implements [`Tokenizer`], and a row for the system that uses it in
//! [`super::systems`].

pub mod collaborative;
pub mod identifiers;
pub mod quantized;
pub mod store;

use std::path::Path;

use serde_json::{Map, Value};

use super::catalogue::Catalogue;
use super::error::CompareError;
use super::preset::Preset;
use super::watch::Watcher;
use crate::tokens::Index;

/// Gives items tokens.
pub trait Tokenizer: Sync {
    /// Its name in files and folders.
    fn name(&self) -> &'static str;

    /// What of a catalogue's data its tokens depend on.
    fn reads(&self) -> Reads;

    /// Everything else that its tokens depend on, but for the seed: the settings of a preset with `changes`, as
    /// `key=value`, on top.
    ///
    /// # Errors
    /// A change that it does not have.
    fn settings(&self, preset: &Preset, changes: &[String]) -> Result<String, CompareError>;

    /// How many vectors its training looks at in one domain, one after the other, for an estimate of its time.
    fn steps(&self, preset: &Preset) -> f64;

    /// Trains it, and gives the items of the targets their tokens. None where the watcher asked to stop.
    ///
    /// # Errors
    /// [`CompareError`].
    fn make(&self, task: &mut Task<'_>) -> Result<Option<Made>, CompareError>;
}

/// Parts of a catalogue's data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reads {
    /// The items' vectors.
    pub vectors: bool,
    /// The items' fields.
    pub fields: bool,
    /// What users of the training catalogues did, without what is tested on.
    pub sequences: bool,
    /// The same of the target catalogues.
    pub histories: bool,
}

/// What a tokenizer is to do.
pub struct Task<'a> {
    /// Catalogues to train on.
    pub training: Vec<&'a Catalogue>,
    /// Catalogues whose items get tokens.
    pub targets: Vec<&'a Catalogue>,
    /// Seed of everything random.
    pub seed: u64,
    /// The preset.
    pub preset: &'a Preset,
    /// Changes of the settings.
    pub changes: &'a [String],
    /// A folder of its own, for what it keeps between sessions.
    pub folder: &'a Path,
    /// Whoever watches.
    pub watcher: &'a mut dyn Watcher,
}

/// What a tokenizer made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// Of each target: the tokens of all items, in the catalogue's order.
    pub indexes: Vec<Index>,
    /// Numbers that training changed.
    pub parameters: usize,
    /// What it measured of itself.
    pub measured: Map<String, Value>,
}
