//! The phases of a run: warm-up, initialisation, joint training, refit, decoder (SPEC, recipe).
//!
//! A run is a [`State`] that [`Run::advance`] moves one step on. The state is all there is to save:
//! batches and random choices follow from the seed and the step.

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use crate::base::parallel::map_chunks;
use crate::engine::cpu::CpuEngine;
use crate::learn::optimizer::AdamW;
use crate::model::Config;
use crate::model::Model;
use crate::train::TrainError;
use crate::train::codebooks::refit::refit;
use crate::train::codebooks::reseed::CodeUse;
use crate::train::data::{Batches, Domain};
use crate::train::network::step::{Losses, Network, Objective};
use crate::train::recipes::unitok::checkpoint;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::fingerprint::{differences, fingerprint};
use crate::train::recipes::unitok::initialization;
pub use crate::train::recipes::unitok::schedule::Phase;
use crate::train::recipes::unitok::virtual_items::virtual_items;

/// Everything that changes in a run.
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
    /// Seconds spent, over all sessions.
    pub seconds: f64,
}

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
    config: &'a TrainConfig,
    domains: &'a [Domain],
    width: usize,
    network: Network,
    batches: Batches<'a>,
    /// Where checkpoints go.
    pub checkpoints: PathBuf,
    fingerprint: String,
}

impl<'a> Run<'a> {
    /// Prepares a run of `config` over `domains` of `width`-wide scaled rows.
    pub fn new(
        config: &'a TrainConfig,
        domains: &'a [Domain],
        width: usize,
        device: crate::train::Device,
        checkpoints: PathBuf,
    ) -> Result<Self, TrainError> {
        check_domains(domains, width, config.recipe.items_per_domain)?;
        let per_domain = config.recipe.items_per_domain;
        Ok(Self {
            network: Network { device, loss: config.loss.clone(), lambda_mi: config.lambda_mi(), domains: domains.len() },
            batches: Batches::new(domains, width, per_domain, config.seed),
            fingerprint: fingerprint(config, domains),
            config,
            domains,
            width,
            checkpoints,
        })
    }

    /// A fresh state for a model described by `config`.
    pub fn start(&self, config: Config) -> Result<State, TrainError> {
        config.model.validate()?;
        let mut model = initialization::xavier(config, self.config.seed);
        let (adam, code_use) = (AdamW::new(&mut model), CodeUse::new(&model));
        Ok(State { model, adam, code_use, phase: Phase::Warmup, step: 0, seconds: 0.0 })
    }

    /// The newest checkpoint of this run, if any, and what was wrong with newer ones.
    pub fn resume(&self, config: Config) -> Result<Option<(State, Vec<String>)>, TrainError> {
        let fresh = self.start(config)?;
        let Some((state, fingerprint, faults)) = checkpoint::latest(&self.checkpoints, &fresh.model)? else {
            return Ok(None);
        };
        if fingerprint != self.fingerprint {
            return Err(TrainError::OtherRun(differences(&fingerprint, &self.fingerprint)));
        }
        Ok(Some((state, faults)))
    }

    /// Saves a checkpoint.
    pub fn save(&self, state: &State) -> Result<PathBuf, TrainError> {
        checkpoint::save(&self.checkpoints, state, &self.fingerprint)
    }

    /// Steps of the whole run.
    pub fn total_steps(&self) -> usize {
        self.config.recipe.end_of(Phase::Decoder)
    }

    /// Steps after which every item of the largest domain has been seen once more.
    pub fn epoch_steps(&self) -> usize {
        let largest = self.domains.iter().map(|d| d.items(self.width)).max().unwrap_or(1);
        largest.div_ceil(self.config.recipe.items_per_domain)
    }

    /// One step, with the phase change before it where one is due. `None` when the run is done.
    pub fn advance(&mut self, state: &mut State) -> Result<Option<StepReport>, TrainError> {
        let clock = Instant::now();
        while state.phase != Phase::Done && state.step == self.config.recipe.end_of(state.phase) {
            self.next_phase(state);
        }
        if state.phase == Phase::Done {
            return Ok(None);
        }
        let report = self.step(state)?;
        state.seconds += clock.elapsed().as_secs_f64();
        Ok(Some(report))
    }

    fn step(&mut self, state: &mut State) -> Result<StepReport, TrainError> {
        let recipe = &self.config.recipe;
        let objective = match state.phase {
            Phase::Warmup => Objective::Autoencoder,
            Phase::Joint => Objective::Joint,
            Phase::Decoder | Phase::Done => Objective::Decoder,
        };
        let learning_rate = recipe.learning_rate_at(state.phase, state.step);
        let batch = self.batches.at(state.step);
        let step = self.network.step(&state.model, &batch, objective)?;
        if !step.losses.total.is_finite() {
            return Err(TrainError::Diverged { step: state.step, what: "loss" });
        }
        state.adam.update(&mut state.model, &step.gradients, learning_rate, recipe.weight_decay);
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

    /// What happens between phases: initialisation, refit; the optimiser starts afresh.
    fn next_phase(&self, state: &mut State) {
        let recipe = &self.config.recipe;
        let latents = self.latents(&state.model);
        match state.phase {
            Phase::Warmup => initialization::from_latents(&mut state.model, &latents, recipe, self.config.seed),
            Phase::Joint => {
                let between = self.virtual_latents(&state.model);
                refit(&mut state.model, &latents, between, recipe);
            }
            Phase::Decoder | Phase::Done => {}
        }
        state.phase = state.phase.next();
        state.adam = AdamW::new(&mut state.model);
        state.code_use = CodeUse::new(&state.model);
    }

    /// Latents of every item of every domain, `[items][latent]` each.
    fn latents(&self, model: &Model) -> Vec<Vec<f32>> {
        self.domains.iter().map(|domain| self.encode(model, &domain.rows)).collect()
    }

    fn virtual_latents(&self, model: &Model) -> Vec<f32> {
        let items: usize = self.domains.iter().map(|domain| domain.items(self.width)).sum();
        let count = (items as f64 * f64::from(self.config.recipe.virtual_share)) as usize;
        self.encode(model, &virtual_items(self.domains, self.width, count, self.config.seed))
    }

    fn encode(&self, model: &Model, rows: &[f32]) -> Vec<f32> {
        let engine = CpuEngine::new(model);
        map_chunks(rows, 1024 * self.width, |rows| engine.encode(rows)).concat()
    }
}

fn check_domains(domains: &[Domain], width: usize, per_domain: usize) -> Result<(), TrainError> {
    if domains.is_empty() {
        return Err(TrainError::Data { domain: "(none)".into(), what: "there is nothing to train on".into() });
    }
    for (k, d) in domains.iter().enumerate() {
        let wrong = |what: String| Err(TrainError::Data { domain: d.name.clone(), what });
        if domains[..k].iter().any(|other| other.name == d.name) {
            return wrong("the name is used twice: give every domain its own".into());
        }
        if d.items(width) < per_domain {
            let items = d.items(width);
            return wrong(format!(
                "{items} items are fewer than a batch takes of it ({per_domain}): lower recipe.items_per_domain"
            ));
        }
    }
    Ok(())
}
