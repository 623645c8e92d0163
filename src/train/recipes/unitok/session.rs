//! A training run from start to finish in a folder: checkpoints, metrics, the model, its card.

use std::path::{Path, PathBuf};

use crate::learn::log::{Line, MetricsLog};
use crate::model::Precision;
use crate::model::{Config, FORMAT_VERSION, TextConfig};
use crate::train::TrainError;
use crate::train::data::Domain;
use crate::train::recipes::unitok::card::{self, Origin};
use crate::train::recipes::unitok::checkpoint::{self, write_atomic};
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::evaluate::{Evaluation, Health, evaluate, health};
use crate::train::recipes::unitok::run::{Run, State, StepReport};
use crate::train::recipes::unitok::schedule::Phase;

/// Where a run lives and what may be overwritten.
#[derive(Debug, Clone)]
pub struct Options {
    /// The model folder.
    pub out: PathBuf,
    /// Go on from the newest checkpoint, if there is one.
    pub resume: bool,
    /// Overwrite what the folder holds.
    pub force: bool,
    /// Number format of the finished weights.
    pub precision: Precision,
    /// The command line, for the card.
    pub command: String,
}

/// What a run tells whoever watches it.
pub trait Observer {
    /// A step was done, of so many.
    fn step(&mut self, report: &StepReport, total: usize);
    /// The model was measured on a sample.
    fn health(&mut self, health: &Health);
    /// Something worth a line.
    fn note(&mut self, text: &str);
    /// Whether to save and end.
    fn stop(&self) -> bool;
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The model is in the folder; its measurements.
    Finished(Box<Evaluation>),
    /// Stopped on request; the checkpoint to resume from.
    Interrupted(PathBuf),
}

/// What a run learns from, and what it is measured on besides.
#[derive(Debug)]
pub struct Data {
    /// Domains to train on.
    pub domains: Vec<Domain>,
    /// Domains to measure zero-shot.
    pub unseen: Vec<Domain>,
    /// Width of the scaled rows.
    pub width: usize,
    /// Encoder and template that made them.
    pub text: TextConfig,
}

/// Trains on `data`.
pub fn train(
    config: &TrainConfig,
    data: &Data,
    device: crate::train::Device,
    options: &Options,
    watch: &mut dyn Observer,
) -> Result<Ended, TrainError> {
    let (domains, width) = (data.domains.as_slice(), data.width);
    let checkpoints = options.out.join("checkpoints");
    let mut run = Run::new(config, domains, width, device, checkpoints.clone())?;
    let names = domains.iter().map(|d| d.name.clone()).collect();
    let model = config.architecture(width, domains.len());
    let model_config = Config { format_version: FORMAT_VERSION, domains: names, model, text: data.text.clone() };
    claim(options, &checkpoints)?;
    let mut state = first_state(&run, model_config, options, watch)?;
    write_atomic(&options.out.join("train.toml"), config.to_toml().as_bytes())?;
    let mut log = MetricsLog::open(&options.out.join("metrics.jsonl"), state.step)?;
    while let Some(report) = run.advance(&mut state)? {
        log.write(&Line::Step(&report))?;
        watch.step(&report, run.total_steps());
        // In the warm-up there are no codes yet to look at.
        if state.phase != Phase::Warmup && state.step.is_multiple_of(run.epoch_steps()) {
            let health = health(&state.model, domains, state.step)?;
            log.write(&Line::Epoch(&health))?;
            watch.health(&health);
        }
        let stop = watch.stop();
        if stop || state.step.is_multiple_of(config.recipe.checkpoint_every) {
            // The checkpoint comes first: a log that runs ahead of it is cut back on resumption.
            let saved = run.save(&state)?;
            log.flush()?;
            if stop {
                return Ok(Ended::Interrupted(saved));
            }
        }
    }
    log.flush()?;
    let evaluation = finish(&state, config, data, options)?;
    checkpoint::clear(&checkpoints)?;
    Ok(Ended::Finished(Box::new(evaluation)))
}

/// Makes the folder, and refuses to overwrite a model or an unfinished run unasked.
fn claim(options: &Options, checkpoints: &Path) -> Result<(), TrainError> {
    let occupied = |what, remedy| Err(TrainError::Occupied { path: options.out.clone(), what, remedy });
    if !options.force && !options.resume && checkpoints.exists() {
        return occupied("an unfinished run", "go on with --resume, or overwrite it with --force");
    }
    if !options.force && options.out.join("model.safetensors").exists() {
        return occupied("a finished model", "choose another --out, or overwrite it with --force");
    }
    if options.force && !options.resume {
        checkpoint::clear(checkpoints)?;
        let log = options.out.join("metrics.jsonl");
        if log.exists() {
            std::fs::remove_file(&log).map_err(|e| TrainError::io(&log, e))?;
        }
    }
    std::fs::create_dir_all(&options.out).map_err(|e| TrainError::io(&options.out, e))
}

fn first_state(run: &Run<'_>, config: Config, options: &Options, watch: &mut dyn Observer) -> Result<State, TrainError> {
    if options.resume {
        if let Some((state, faults)) = run.resume(config.clone())? {
            faults.iter().for_each(|f| watch.note(&format!("left out a damaged checkpoint: {f}")));
            watch.note(&format!("resuming at step {} of {}", state.step, run.total_steps()));
            return Ok(state);
        }
        watch.note("there is no checkpoint to resume from: starting at the beginning");
    }
    run.start(config)
}

/// Writes the model as it will be read back, and measures that.
fn finish(state: &State, config: &TrainConfig, data: &Data, options: &Options) -> Result<Evaluation, TrainError> {
    let weights = state.model.to_safetensors(options.precision);
    let config_json = state.model.config.to_json();
    let model = crate::model::Model::from_bytes(&config_json, &weights)?;
    let evaluation = evaluate(&model, &data.domains, &data.unseen)?;
    let origin = Origin { command: &options.command, train: config, seconds: state.seconds, steps: state.step };
    let file = |name: &str, bytes: &[u8]| write_atomic(&options.out.join(name), bytes);
    file("README.md", card::render(&model, &evaluation, &origin).as_bytes())?;
    file("metrics.json", &serde_json::to_vec_pretty(&evaluation).expect("an evaluation has only plain fields"))?;
    file("config.json", config_json.as_bytes())?;
    // The weights come last: their presence says that the folder is whole.
    file("model.safetensors", &weights)?;
    Ok(evaluation)
}
