//! The phases of a run: warm-up, initialisation, joint training, refit, decoder.

use std::borrow::Cow;

use serde::Serialize;

use super::check::{check_collaborative, check_domains, check_weights};
use super::checkpoint;
use super::config::TrainConfig;
use super::fingerprint::fingerprint;
use super::initialization::from_latents;
use super::options::{Recipe, Start};
use super::schedule::Phase;
use super::state::State;
use crate::base::parallel::map_chunks;
use crate::engine::cpu::CpuEngine;
use crate::learn::checkpoint::CheckpointError;
use crate::learn::fingerprint::differences;
use crate::model::{Config, FORMAT_VERSION, Model, TextConfig};
use crate::train::TrainError;
use crate::train::codebooks::clusters::partners;
use crate::train::codebooks::refit::refit;
use crate::train::data::{Batches, Place, Training};
use crate::train::network::batch::Batch;
use crate::train::network::criterion::{Criterion, Losses, Objective, Step};
use crate::train::network::device::Device;
use crate::train::network::linear_start::start_linearly;
use crate::train::network::step::Network;
use crate::train::network::xavier::xavier;

/// A look takes about as long as ten steps.
const LEAST_STEPS_BETWEEN_LOOKS: usize = 100;

/// What one step did, for logs and bars.
#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    /// Steps done.
    pub step: usize,
    /// Phase it belonged to.
    pub phase: Phase,
    /// Losses.
    #[serde(flatten)]
    pub losses: Losses,
    /// Learning rate.
    pub learning_rate: f32,
    /// Share of all codes used since the last re-seeding, in joint training.
    pub codes_used: Option<f64>,
    /// Codes re-seeded after this step.
    pub reseeded: usize,
}

/// A run over fixed data.
#[derive(Debug)]
pub struct Run<'a> {
    config: Cow<'a, TrainConfig>,
    training: Training<'a>,
    network: Network,
    batches: Batches,
    fingerprint: String,
}

impl<'a> Run<'a> {
    /// Prepares a run of `config`.
    ///
    /// # Errors
    /// [`TrainError::Data`], [`TrainError::Collaborative`].
    pub fn new(config: Cow<'a, TrainConfig>, training: Training<'a>, device: Device) -> Result<Self, TrainError> {
        let Training { ref domains, width, collaborative, .. } = training;
        let Recipe { pooled, items_per_domain, .. } = config.recipe;
        check_domains(domains, width, &config.recipe)?;
        check_collaborative(collaborative, &config)?;
        let groups = if pooled { 1 } else { domains.len() };
        let criterion = Criterion { loss: config.loss.clone(), lambda_mi: config.lambda_mi(), domains: groups };
        let draw = if pooled { Batches::pooled } else { Batches::new };
        Ok(Self {
            network: Network { device, criterion },
            batches: draw(domains, width, items_per_domain, config.seed),
            fingerprint: fingerprint(&config, &training),
            config,
            training,
        })
    }

    /// A fresh state for a model of vectors that `text` says the making of.
    ///
    /// # Errors
    /// [`TrainError::Shape`].
    pub fn start(&self, text: TextConfig) -> Result<State, TrainError> {
        let Training { ref domains, width, cooccurrence, .. } = self.training;
        let (names, model) = (domains.iter().map(|d| d.name.clone()), self.config.architecture(width, domains.len()));
        let config = Config { format_version: FORMAT_VERSION, domains: names.collect(), model, text, cooccurrence };
        config.model.validate()?;
        let mut model = xavier(config, self.config.seed);
        if self.config.model.start == Start::Linear {
            let rows: Vec<&[f32]> = domains.iter().map(|domain| domain.rows.as_slice()).collect();
            start_linearly(&mut model, &rows);
        }
        Ok(State::new(model, &self.config.recipe))
    }

    /// `state` as bytes, for [`Run::read_checkpoint`].
    ///
    /// # Errors
    /// [`CheckpointError::State`], which does not happen to a state that training made.
    pub fn write_checkpoint(&self, state: &State) -> Result<Vec<u8>, CheckpointError> {
        checkpoint::to_bytes(state, &self.fingerprint)
    }

    /// A saved state and the fingerprint of its run, for [`Run::check_fingerprint`]; `fresh` is of the same shapes.
    ///
    /// # Errors
    /// Damage, and other shapes.
    pub fn read_checkpoint(&self, bytes: &[u8], fresh: State) -> Result<(State, String), CheckpointError> {
        checkpoint::from_bytes(bytes, fresh)
    }

    /// Refuses to go on with a run of other settings or data.
    ///
    /// # Errors
    /// [`TrainError::OtherRun`].
    pub fn check_fingerprint(&self, then: &str) -> Result<(), TrainError> {
        if then == self.fingerprint { Ok(()) } else { Err(TrainError::OtherRun(differences(then, &self.fingerprint))) }
    }

    /// The settings.
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }

    /// What it learns from.
    pub fn training(&self) -> &Training<'a> {
        &self.training
    }

    /// Whether the phase of `state` is over, so that the next step begins with what happens between phases.
    pub fn is_between_phases(&self, state: &State) -> bool {
        state.phase != Phase::Done && state.step == self.config.recipe.end_of(state.phase)
    }

    /// Steps of the whole run.
    pub fn total_steps(&self) -> usize {
        self.config.recipe.end_of(Phase::Decoder)
    }

    /// Steps between two looks at the model: whole epochs, but not so few steps that looking takes longer than training.
    pub fn steps_between_looks(&self) -> usize {
        self.batches.epoch_steps() * LEAST_STEPS_BETWEEN_LOOKS.div_ceil(self.batches.epoch_steps())
    }

    /// One step, with the phase change before it where one is due. `None` when the run is done.
    pub fn advance(&mut self, state: &mut State) -> Result<Option<StepReport>, TrainError> {
        while self.is_between_phases(state) {
            self.check_weights(state)?;
            self.next_phase(state);
        }
        if state.phase == Phase::Done {
            return Ok(None);
        }
        self.step(state).map(Some)
    }

    /// Refuses a state whose weights are no longer finite. A step looks at its loss alone, which need not show it.
    ///
    /// # Errors
    /// [`TrainError::Diverged`].
    pub fn check_weights(&self, state: &State) -> Result<(), TrainError> {
        check_weights(state, self.config.recipe.learning_rate)
    }

    fn step(&mut self, state: &mut State) -> Result<StepReport, TrainError> {
        let places = self.batches.places_at(state.step);
        let recipe = &self.config.recipe;
        let objective = match state.phase {
            Phase::Warmup => Objective::Autoencoder,
            Phase::Joint => Objective::Joint,
            Phase::Decoder | Phase::Done => Objective::Decoder,
        };
        let learning_rate = recipe.learning_rate_at(state.phase, state.step);
        let step = self.compute(state, objective, &places)?;
        if !step.losses.total.is_finite() {
            return Err(TrainError::Diverged { step: state.step, what: "loss".into(), learning_rate: recipe.learning_rate });
        }
        state.adam.update(&mut state.model, &step.gradients, learning_rate);
        state.step += 1;
        let mut report = StepReport {
            step: state.step,
            phase: state.phase,
            losses: step.losses,
            learning_rate,
            codes_used: None,
            reseeded: 0,
        };
        if state.phase == Phase::Joint {
            state.code_use.add(&state.model, &step.quantized);
            let (used, all) = state.code_use.used();
            report.codes_used = Some(used as f64 / all as f64);
            if recipe.reseed_is_due(state.step) {
                let seed = self.config.seed ^ state.step as u64;
                report.reseeded =
                    state.code_use.reseed(&mut state.model, &mut state.adam, &step.quantized, &step.z, recipe.reseed_below, seed);
            }
        }
        Ok(report)
    }

    /// Losses and gradients of the items at these places.
    fn compute(&self, state: &State, objective: Objective, places: &[Place]) -> Result<Step, TrainError> {
        let x = self.training.rows(places);
        let collaborative = self.training.collaborative.map_or(Vec::new(), |collaborative| collaborative.at(places));
        let is_diverse = objective == Objective::Joint && self.config.loss.diversity > 0.0;
        let partners = if is_diverse { partners(&state.model, self.config.seed, state.step) } else { Vec::new() };
        // The decoder that stays is that of what the model reads.
        let target = if objective == Objective::Decoder { None } else { self.training.targets(places) };
        let batch = Batch { x: &x, target: target.as_ref().unwrap_or(&x), collaborative: &collaborative, partners: &partners };
        Ok(self.network.step(&state.model, batch, objective)?)
    }

    /// What happens between phases: initialisation after the warm-up, the refit after joint training.
    fn next_phase(&self, state: &mut State) {
        let recipe = &self.config.recipe;
        let latents = self.latents(&state.model);
        match state.phase {
            Phase::Warmup => from_latents(&mut state.model, &latents, recipe, self.config.seed),
            Phase::Joint => refit(&mut state.model, &latents, recipe.refit_iterations, self.config.seed),
            Phase::Decoder | Phase::Done => {}
        }
        state.enter_next_phase(recipe);
    }

    /// Latents of every item of every domain, `[items][latent]` each.
    pub(crate) fn latents(&self, model: &Model) -> Vec<Vec<f32>> {
        self.training.domains.iter().map(|domain| self.encode(model, &domain.rows)).collect()
    }

    fn encode(&self, model: &Model, rows: &[f32]) -> Vec<f32> {
        let engine = CpuEngine::new(model);
        map_chunks(rows, 1024 * self.training.width, |rows| engine.encode(rows)).concat()
    }
}
