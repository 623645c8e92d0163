//! The state of a run as bytes.

use serde::{Deserialize, Serialize};

use super::schedule::Phase;
use super::state::State;
use crate::learn::checkpoint::{Checkpoint, CheckpointError};

const CODE_USE: &str = "code_use";

/// What of a state is no tensor, and the fingerprint of its run.
#[derive(Serialize, Deserialize)]
struct Progress {
    phase: Phase,
    step: usize,
    seconds: f64,
    fingerprint: String,
}

/// `state` of the run with this fingerprint, as bytes.
pub(super) fn to_bytes(state: &State, fingerprint: &str) -> Result<Vec<u8>, CheckpointError> {
    let State { phase, step, seconds, .. } = *state;
    let mut checkpoint = Checkpoint::new(&Progress { phase, step, seconds, fingerprint: fingerprint.into() })?;
    checkpoint.add_model(&state.model, &state.adam);
    checkpoint.add_counts(CODE_USE, &state.code_use.shape(), &state.code_use.counts);
    Ok(checkpoint.to_bytes())
}

/// Inverse of [`to_bytes`], for a model of the shapes of `fresh`.
pub(super) fn from_bytes(bytes: &[u8], fresh: State) -> Result<(State, String), CheckpointError> {
    let checkpoint = Checkpoint::from_bytes(bytes)?;
    let Progress { phase, step, seconds, fingerprint } = checkpoint.state()?;
    let mut state = State { phase, step, seconds, ..fresh };
    checkpoint.read_model(&mut state.model, &mut state.adam)?;
    let shape = state.code_use.shape();
    checkpoint.read_counts(CODE_USE, &shape, &mut state.code_use.counts)?;
    Ok((state, fingerprint))
}
