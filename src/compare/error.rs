//! What keeps a comparison from starting or going on.

use std::io;
use std::path::PathBuf;

use super::names::UnknownName;
use crate::base::files::{LockError, WriteError};
use crate::catalog::CatalogError;
use crate::engine::EngineError;
use crate::interactions::SequencesError;
use crate::learn::folder::FolderError;
use crate::recommend::session::SessionError;
use crate::tokens::{IndexError, TokensError};
use crate::train::TrainError;
use crate::train::recipes::unitok::config::TrainConfigError;
use crate::vectors::EmbeddingError;

/// A comparison that cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A name of a system or preset.
    #[error(transparent)]
    Name(#[from] UnknownName),
    /// A folder that is no catalogue.
    #[error("{path}: {what}")]
    Catalogue {
        /// The folder.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
    /// A catalogue's items.
    #[error(transparent)]
    Items(#[from] CatalogError),
    /// A catalogue's interactions.
    #[error("{path}: {source}")]
    Sequences {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<SequencesError>,
    },
    /// A file of embeddings.
    #[error(transparent)]
    Embeddings(#[from] EmbeddingError),
    /// Vectors that do not fit a catalogue, or each other.
    #[error("{domain}: {what}")]
    Vectors {
        /// The catalogue.
        domain: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// Texts could not be embedded.
    #[error("the texts of {domain} could not be embedded: {what}")]
    Text {
        /// The catalogue.
        domain: String,
        /// What the encoder said.
        what: String,
    },
    /// A setting of a tokenizer.
    #[error(transparent)]
    Setting(#[from] TrainConfigError),
    /// A change of settings for what has none.
    #[error("{tokenizer} has no settings: {change} cannot be changed")]
    NoSettings {
        /// The tokenizer.
        tokenizer: &'static str,
        /// The change.
        change: String,
    },
    /// A change of settings that cannot be made.
    #[error("{tokenizer} with {change}: {what}")]
    Change {
        /// The tokenizer.
        tokenizer: &'static str,
        /// The change.
        change: String,
        /// Why not.
        what: String,
    },
    /// A tokenizer failed to train.
    #[error("{tokenizer}: {source}")]
    Train {
        /// Its name.
        tokenizer: &'static str,
        /// What failed.
        source: Box<TrainError>,
    },
    /// Vectors could not be turned into tokens.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// Tokens could not be made.
    #[error(transparent)]
    Tokens(#[from] TokensError),
    /// Tokens that make no index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A recommender failed.
    #[error("{run}: {source}")]
    Run {
        /// The run's name.
        run: String,
        /// What failed.
        source: Box<SessionError>,
    },
    /// A file of the comparison.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A run's folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another comparison works in the folder.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Nothing to do.
    #[error("nothing is to be run: {0}")]
    Nothing(&'static str),
}

impl CompareError {
    /// An error of the system at `path`.
    pub(super) fn at(path: &std::path::Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { path: path.into(), source }
    }
}
