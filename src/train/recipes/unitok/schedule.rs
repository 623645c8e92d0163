//! The schedule of a run: its phases, where each ends, and what follows from the step alone.

use serde::{Deserialize, Serialize};

use super::options::Recipe;
use crate::learn::schedule::Schedule;

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Autoencoder alone.
    Warmup,
    /// Everything.
    Joint,
    /// Decoder alone, on refitted codebooks.
    Decoder,
    /// Nothing left to do.
    Done,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Warmup, Self::Joint, Self::Decoder, Self::Done];

    /// Position among the phases.
    pub fn order(self) -> usize {
        self as usize
    }

    /// Name for people.
    pub fn name(self) -> &'static str {
        ["warm-up", "joint training", "decoder", "done"][self.order()]
    }

    /// The phase after this one; nothing comes after the last.
    pub(super) fn next(self) -> Self {
        Self::ALL[(self.order() + 1).min(3)]
    }
}

impl Recipe {
    /// Steps done when a phase ends, those of the phases before it included.
    pub(super) fn end_of(&self, phase: Phase) -> usize {
        let lengths = [self.warmup_steps, self.joint_steps, self.decoder_steps];
        lengths.iter().take(phase.order() + 1).sum()
    }

    /// Constant in the warm-up. Every other phase has a cosine of its own, from the full rate down to `final_rate`.
    pub(super) fn learning_rate_at(&self, phase: Phase, step: usize) -> f32 {
        let cosine = |steps| Schedule::Cosine { steps, end: self.final_rate };
        let (start, schedule) = match phase {
            Phase::Warmup => (0, Schedule::Constant),
            Phase::Joint => (self.warmup_steps, cosine(self.joint_steps)),
            Phase::Decoder | Phase::Done => (self.end_of(Phase::Joint), cosine(self.decoder_steps)),
        };
        schedule.rate(self.learning_rate, step - start)
    }

    /// Whether dead codes are re-seeded once `step` steps are done, in joint training.
    pub(super) fn reseed_is_due(&self, step: usize) -> bool {
        let done = step - self.warmup_steps;
        done.is_multiple_of(self.reseed_every) && (done as f32) < self.reseed_until * self.joint_steps as f32
    }
}
