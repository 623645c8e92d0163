//! UniTok's own recipe ("Recipe" in `METHOD.md`): warm-up of the autoencoder, initialisation of codebooks and router,
//! joint training, refit of the codebooks, training of the decoder.
//!
//! | file | what it does |
//! |---|---|
//! | `config`, `options` | what a run does: TOML, `--set`; what can be chosen, and the defaults |
//! | `schedule` | the phases, when each ends, and its learning rate |
//! | `state`, `checkpoint` | everything that changes in a run; the same as bytes |
//! | `run` | one step after the other, with what happens between phases |
//! | `initialization` | what happens between phases |
//! | `check` | what must hold of data and weights |
//! | `fingerprint` | what a resumed run must have in common with its beginning |
//! | `evaluate`, `card` | how good the result is, and its README |
//! | `finished` | the files of a model folder |
//! | `session` | all of it, in a folder (feature `files`) |

pub mod card;
pub mod check;
mod checkpoint;
pub mod config;
pub mod evaluate;
mod fingerprint;
pub mod finished;
pub mod initialization;
pub mod options;
pub mod run;
pub mod schedule;
#[cfg(feature = "files")]
pub mod session;
pub mod state;
