//! The lockfile beside an index, `index.json.lock`: what its tokens were made of, so that artefacts which do not belong
//! together are refused by name instead of giving tokens that mean something else.
//!
//! It is a file of its own because an index has the form that others read. Its name is the index's with an ending more: it is
//! found without a search, each index of a folder has its own, and a program that reads all `*.json` passes it over.

mod file;
mod fingerprints;
mod making;
mod mismatch;

pub use file::{LOCK_FORMAT, Lock, Sum, sum};
pub use fingerprints::{Fingerprints, UNKNOWN, of_text, of_vector};
pub use making::{Artefact, BEAMS, Difference, Making, Reads};
pub use mismatch::LockError;
