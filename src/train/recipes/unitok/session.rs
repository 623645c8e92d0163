//! A training run from start to finish in a folder: checkpoints, metrics, the model, its card.

use std::borrow::Cow;
use std::path::PathBuf;

use super::check::{check_names, too_few};
use super::config::TrainConfig;
use super::evaluate::{Evaluation, Health, LeftOut, health};
use super::finished::{Finish, WEIGHTS};
use super::run::{Run, StepReport};
use super::schedule::Phase;
use super::state::State;
use crate::base::clock::now;
use crate::learn::folder::{Claim, RunFolder, at};
use crate::learn::observer::Observer;
use crate::model::{Cooccurrence, Precision, TextConfig};
use crate::train::TrainError;
use crate::train::data::{Collaborative, Domain, Training};
use crate::train::network::device::Device;

/// What a run writes into its folder, besides its checkpoints.
pub const FILES: [&str; 6] = ["train.toml", "metrics.jsonl", "README.md", "metrics.json", "config.json", WEIGHTS];
/// How many of them a run writes before its end.
const WRITTEN_AT_START: usize = 2;

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

/// Whoever watches a session.
pub type Watcher<'w> = dyn Observer<StepReport, Health> + 'w;

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The model is in the folder; its measurements.
    Finished(Box<Evaluation>),
    /// Stopped on request; the checkpoint to resume from.
    Interrupted(PathBuf),
}

/// What a run learns from, and what it is measured on besides.
#[derive(Debug, Default)]
pub struct Data {
    /// Domains to train on.
    pub domains: Vec<Domain>,
    /// Domains to measure zero-shot.
    pub unseen: Vec<Domain>,
    /// Width of the scaled rows.
    pub width: usize,
    /// Encoder and template that made them.
    pub text: TextConfig,
    /// Collaborative vectors of the domains to train on, for recipes that align latents with them.
    pub collaborative: Option<Collaborative>,
    /// What the rows know besides texts.
    pub cooccurrence: Option<Cooccurrence>,
    /// Rows of the files that were left out.
    pub left_out: Vec<LeftOut>,
}

/// Trains on `data`.
///
/// # Errors
/// Settings, data or a folder that do not go together, a device that fails, a loss that diverges.
pub fn train(
    config: &TrainConfig,
    data: &Data,
    device: Device,
    options: &Options,
    watcher: &mut Watcher<'_>,
) -> Result<Ended, TrainError> {
    check_names(data.domains.iter().chain(&data.unseen))?;
    let training = Training {
        domains: Cow::Borrowed(&data.domains),
        width: data.width,
        collaborative: data.collaborative.as_ref(),
        cooccurrence: data.cooccurrence,
    };
    let run = Run::new(Cow::Borrowed(config), training, device)?;
    data.domains.iter().filter_map(|domain| too_few(domain, data.width, config.model.codes)).for_each(|note| watcher.note(&note));
    let claim = Claim { resume: options.resume, force: options.force };
    let folder = RunFolder::claim(&options.out, &FILES[WRITTEN_AT_START..], claim)?;
    if !folder.is_locked() {
        watcher.note("this file system has no locks: start no second run in this folder");
    }
    let mut state = first_state(&run, data.text.clone(), options, &folder, watcher)?;
    folder.write("train.toml", config.to_toml().as_bytes())?;
    if let Some(checkpoint) = go_on(run, &mut state, config, data, &folder, watcher)? {
        return Ok(Ended::Interrupted(checkpoint));
    }
    let evaluation = finish(&state, config, data, options, &folder)?;
    folder.clear_checkpoints()?;
    Ok(Ended::Finished(Box::new(evaluation)))
}

/// Steps to the end, or until the watcher asks to stop; then the checkpoint to resume from.
fn go_on(
    mut run: Run<'_>,
    state: &mut State,
    config: &TrainConfig,
    data: &Data,
    folder: &RunFolder,
    watcher: &mut Watcher<'_>,
) -> Result<Option<PathBuf>, TrainError> {
    let mut log = folder.open_log(state.step)?;
    let path = folder.log_path();
    loop {
        let begin = now();
        let Some(report) = run.advance(state)? else { break };
        state.seconds += now() - begin;
        log.write("step", &report).map_err(at(&path))?;
        watcher.step(&report, run.total_steps());
        // In the warm-up there are no codes yet to look at.
        if state.phase != Phase::Warmup && state.step.is_multiple_of(run.steps_between_looks()) {
            let health = health(&state.model, &data.domains, state.step)?;
            log.write("epoch", &health).map_err(at(&path))?;
            watcher.measured(&health);
        }
        let stop = watcher.stop();
        if stop || state.step.is_multiple_of(config.recipe.checkpoint_every) {
            // The checkpoint comes first: a log that runs ahead of it is cut back on resumption.
            run.check_weights(state)?;
            let saved = folder.save_checkpoint(state.step, &run.write_checkpoint(state)?)?;
            log.flush().map_err(at(&path))?;
            if stop {
                return Ok(Some(saved));
            }
        }
    }
    run.check_weights(state)?;
    log.flush().map_err(at(&path))?;
    Ok(None)
}

/// The state of the newest checkpoint, or the beginning.
fn first_state(
    run: &Run<'_>,
    text: TextConfig,
    options: &Options,
    folder: &RunFolder,
    watcher: &mut Watcher<'_>,
) -> Result<State, TrainError> {
    let fresh = run.start(text)?;
    if !options.resume {
        return Ok(fresh);
    }
    let Some(latest) = folder.latest_checkpoint(|bytes| run.read_checkpoint(bytes, fresh.clone()))? else {
        watcher.note("there is no checkpoint to resume from: starting at the beginning");
        return Ok(fresh);
    };
    let (state, fingerprint) = latest.checkpoint;
    run.check_fingerprint(&fingerprint)?;
    latest.faults.iter().for_each(|fault| watcher.note(&format!("left out a damaged checkpoint: {fault}")));
    watcher.note(&format!("resuming at step {} of {}", state.step, run.total_steps()));
    Ok(state)
}

/// Writes the model as it will be read back, and measures that.
fn finish(
    state: &State,
    config: &TrainConfig,
    data: &Data,
    options: &Options,
    folder: &RunFolder,
) -> Result<Evaluation, TrainError> {
    let Data { domains, unseen, left_out, .. } = data;
    let Options { precision, command, .. } = options;
    let finished = Finish { config, domains, unseen, left_out, precision: *precision, command }.of(state)?;
    // The weights are the last to come back: their presence says that the folder is whole.
    folder.remove(WEIGHTS)?;
    for (name, bytes) in &finished.files {
        folder.write(name, bytes)?;
    }
    Ok(finished.evaluation)
}
