//! Artefacts that do not belong together.

use std::io;
use std::path::PathBuf;

use super::making::{Difference, INPUT};
use crate::base::words::{counted, verb};

/// A lockfile that cannot be used, or something that does not belong to its index. Every message names both sides, and says
/// what to do.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", self.fault(), self.advice())]
pub enum LockError {
    /// The lockfile cannot be read.
    Read {
        /// Its path.
        lock: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The lockfile is no lockfile.
    Malformed {
        /// Name of the lockfile.
        lock: String,
        /// What is wrong.
        reason: String,
    },
    /// The lockfile is not as it was written.
    Changed {
        /// Name of the lockfile.
        lock: String,
        /// SHA-256 of its content.
        found: String,
        /// What it says of that.
        sealed: String,
    },
    /// A lockfile of a later program.
    Format {
        /// Name of the lockfile.
        lock: String,
        /// Its format.
        found: u64,
        /// The format of this program.
        known: u32,
    },
    /// The index is not the one that the lockfile was written with.
    Index {
        /// Name of the index.
        index: String,
        /// Name of the lockfile.
        lock: String,
        /// The index as it is.
        found: String,
        /// The index as the lockfile has it.
        locked: String,
    },
    /// A lockfile keeps something for an index that is not there.
    Alone {
        /// Name of the index.
        index: String,
        /// Name of the lockfile.
        lock: String,
        /// What became of the index.
        reason: String,
    },
    /// Something was made with another artefact than the index.
    Differs {
        /// Name of the index.
        index: String,
        /// Name of the other side.
        other: String,
        /// In what they differ; the index is the first.
        difference: Box<Difference>,
        /// What to do.
        advice: &'static str,
    },
    /// Items that are not as they were when the index was made.
    Items {
        /// Name of the index.
        index: String,
        /// Name of the other side.
        other: String,
        /// What of them differs.
        what: &'static str,
        /// How many differ.
        changed: usize,
        /// How many are in both.
        items: usize,
        /// Id of the first that differs.
        first: String,
    },
}

impl LockError {
    /// What does not belong together, without what to do about it.
    pub fn fault(&self) -> String {
        match self {
            Self::Read { lock, .. } => format!("cannot read the lockfile {}", lock.display()),
            Self::Malformed { lock, reason } => format!("{lock} is not a lockfile of an index ({reason})"),
            Self::Changed { lock, found, sealed } => {
                let [found, sealed] = [found, sealed].map(|sha256| sha256.chars().take(12).collect::<String>());
                format!("{lock} was changed after it was written (its content has sha256 {found}, its seal is {sealed})")
            }
            Self::Format { lock, found, known } => format!("{lock} has format {found}, this program knows format {known}"),
            Self::Index { index, lock, found, locked } => {
                format!("{index} is not the index that {lock} was written with ({found}, the lockfile has {locked})")
            }
            Self::Alone { index, lock, reason } => {
                format!("{lock} says what was published as {index}, which {reason}")
            }
            Self::Differs { index, other, difference, .. } => {
                let Difference { artefact, before, after } = &**difference;
                match *artefact {
                    INPUT => format!("{index} was made from {before}, but {other} gives {after}"),
                    artefact => format!("{index} was made with the {artefact} {before}, {other} with {after}"),
                }
            }
            Self::Items { index, other, what, changed, items, first } => {
                let (items, have) = (counted(*items, "item"), verb(*changed, "has", "have"));
                format!("{changed} of {items} {have} another {what} in {other} than {index} was made from, «{first}» for one")
            }
        }
    }

    /// What to do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::Read { .. } => {
                "make it readable, or remove it if nothing is to be checked (then pinned items and retired codewords are forgotten too)"
            }
            Self::Malformed { .. } | Self::Changed { .. } => {
                "restore it, or remove it if nothing is to be checked (then pinned items and retired codewords are forgotten too)"
            }
            Self::Format { .. } => "use a newer unitok",
            Self::Index { .. } => {
                "restore the one or the other, or remove the lockfile if the index was changed on purpose (then pinned items and retired codewords are forgotten too)"
            }
            Self::Alone { .. } => {
                "restore the index, or remove the lockfile (then pinned items and retired codewords are forgotten too)"
            }
            Self::Differs { advice, .. } => advice,
            Self::Items { .. } => {
                "give the file it was made from, or new tokens to what changed with tokenize --append --retokenize"
            }
        }
    }
}
