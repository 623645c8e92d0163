//! Artefacts that do not belong together.

use super::making::Difference;

/// A lockfile that cannot be used, or something that does not belong to its index. Every message names both sides.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The lockfile is no lockfile.
    #[error("{lock} is not a lockfile of an index ({reason}): restore it, or remove it if nothing is to be checked")]
    Malformed {
        /// Name of the lockfile.
        lock: String,
        /// What is wrong.
        reason: String,
    },
    /// A lockfile of a later program.
    #[error("{lock} has format {found}, this program knows format {known}: use a newer unitok")]
    Format {
        /// Name of the lockfile.
        lock: String,
        /// Its format.
        found: u64,
        /// The format of this program.
        known: u32,
    },
    /// The index is not the one that the lockfile was written with.
    #[error(
        "{index} is not the index that {lock} was written with ({found}, the lockfile has {locked}): restore the one or the other, or remove the lockfile if the index was changed on purpose"
    )]
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
    /// Something was made with another artefact than the index.
    #[error("{index} was made with the {} {}, {other} with {}: {advice}", .difference.artefact, .difference.before, .difference.after)]
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
    #[error(
        "{changed} of {items} items have another {what} in {other} than {index} was made from, «{first}» for one: give the file it was made from, or new tokens to what changed with tokenize --append --retokenize"
    )]
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
