//! The lockfile beside an index, `index.json.lock`: what its tokens were made of, so that artefacts which do not belong
//! together are refused by name instead of giving tokens that mean something else.
//!
//! It is a file of its own because an index has the form that others read. Its name is the index's with an ending more: it is
//! found without a search, each index of a folder has its own, and a program that reads all `*.json` passes it over.

#[cfg(feature = "parquet")]
mod beside;
mod file;
mod fingerprints;
mod making;
mod members;
mod mismatch;
#[cfg(feature = "parquet")]
mod place;
#[cfg(feature = "parquet")]
mod replaced;
mod retired;
#[cfg(feature = "parquet")]
mod save;

#[cfg(feature = "parquet")]
pub use beside::{
    Locked, ReadError, fitting_or_left, lock_beside, lock_path, name, read_alone, read_lock, read_lock_as_it_is, read_locked,
    read_together, recover, shown,
};
pub use file::{LOCK_FORMAT, Lock, Sum, sum};
pub use fingerprints::{Fingerprints, UNKNOWN, of_text, of_vector, of_vectors};
pub use making::{Artefact, BEAMS, Difference, INPUT, Making, Reads};
pub use members::sealed;
pub use mismatch::LockError;
#[cfg(feature = "parquet")]
pub use place::read_place;
#[cfg(feature = "parquet")]
pub use replaced::{Changes, ReplaceError, Replaced};
pub use retired::{Owners, Retired, left_by_others, retire};
#[cfg(feature = "parquet")]
pub use save::{Drafts, LEFT, SaveError, check_name, claim};
