//! Everything that changes in a run. It is all there is to save: batches and random choices follow from the seed and the
//! step.

use super::options::Recipe;
use super::schedule::Phase;
use crate::learn::optimizer::{AdamW, AdamWOptions};
use crate::model::Model;
use crate::train::codebooks::reseed::CodeUse;

/// A run between two steps.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Weights.
    pub model: Model,
    /// Optimiser of the current phase.
    pub adam: AdamW,
    /// Code use since the last re-seeding.
    pub code_use: CodeUse,
    /// Current phase.
    pub phase: Phase,
    /// Steps done over all phases.
    pub step: usize,
    /// Seconds spent, over all sessions, as the caller measures them.
    pub seconds: f64,
}

impl State {
    /// The beginning of a run that trains `model`.
    pub fn new(model: Model, recipe: &Recipe) -> Self {
        let (adam, code_use) = (optimizer(&model, recipe), CodeUse::new(&model));
        Self { model, adam, code_use, phase: Phase::Warmup, step: 0, seconds: 0.0 }
    }

    /// Goes on to the next phase; the optimiser starts afresh.
    pub(super) fn enter_next_phase(&mut self, recipe: &Recipe) {
        self.phase = self.phase.next();
        self.adam = optimizer(&self.model, recipe);
        self.code_use = CodeUse::new(&self.model);
    }
}

fn optimizer(model: &Model, recipe: &Recipe) -> AdamW {
    AdamW::new(model, AdamWOptions { weight_decay: recipe.weight_decay, ..AdamWOptions::default() })
}
