//! A line through noisy points, by AdamW.

use std::path::Path;

use rand::RngExt;
use serde::{Deserialize, Serialize};
use unitok::learn::checkpoint::{Checkpoint, CheckpointError};
use unitok::learn::early_stopping::{EarlyStopping, Progress};
use unitok::learn::folder::{Claim, FolderError, RunFolder, at};
use unitok::learn::observer::Observer;
use unitok::learn::optimizer::{AdamW, AdamWOptions};
use unitok::learn::parameters::{Gradients, Group, Parameter, ParameterSet};
use unitok::learn::schedule::Schedule;
use unitok::learn::seed::generator;

const STEPS: usize = 1000;
const POINTS: usize = 16;

#[derive(Serialize)]
pub struct Report {
    step: usize,
    loss: f32,
}

#[derive(Default)]
pub struct Watcher {
    pub stop_at: Option<usize>,
    pub steps: usize,
    pub notes: Vec<String>,
}

impl Observer<Report, f64> for Watcher {
    fn step(&mut self, report: &Report, _total: usize) {
        self.steps = report.step;
    }
    fn measured(&mut self, _score: &f64) {}
    fn note(&mut self, text: &str) {
        self.notes.push(text.into());
    }
    fn stop(&self) -> bool {
        self.stop_at == Some(self.steps)
    }
}

#[derive(Debug)]
pub enum Ended {
    Finished(Vec<f32>),
    Interrupted,
}

#[derive(Clone)]
struct State {
    model: ParameterSet,
    adam: AdamW,
    progress: Saved,
}

#[derive(Clone, Serialize, Deserialize)]
struct Saved {
    step: usize,
    stopping: EarlyStopping,
}

pub fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

pub fn train(path: &Path, claim: Claim, watcher: &mut dyn Observer<Report, f64>) -> Result<Ended, FolderError> {
    let folder = RunFolder::claim(path, &["weights"], claim)?;
    let mut state = resume(&folder, claim, watcher)?;
    let mut log = folder.open_log(state.progress.step)?;
    let schedule = Schedule::Cosine { steps: STEPS, end: 0.1 };
    while state.progress.step < STEPS {
        let step = state.progress.step;
        let (loss, gradients) = loss_and_gradients(&state.model, step);
        state.adam.update(&mut state.model, &gradients, schedule.rate(0.1, step));
        state.progress.step += 1;
        let report = Report { step: state.progress.step, loss };
        log.write("step", &report).map_err(at(path))?;
        watcher.step(&report, STEPS);
        // Before the checkpoint, which keeps what early stopping has seen.
        if state.progress.step.is_multiple_of(25) {
            let score = -validation_loss(&state.model);
            watcher.measured(&score);
            if state.progress.stopping.observe(score) == Progress::Stop {
                break;
            }
        }
        if watcher.stop() || state.progress.step.is_multiple_of(10) {
            folder.save_checkpoint(state.progress.step, &to_bytes(&state))?;
            log.flush().map_err(at(path))?;
            if watcher.stop() {
                return Ok(Ended::Interrupted);
            }
        }
    }
    log.flush().map_err(at(path))?;
    let weights: Vec<f32> = state.model.iter().flat_map(|p| p.values.clone()).collect();
    folder.write("weights", &weights.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<u8>>())?;
    folder.clear_checkpoints()?;
    Ok(Ended::Finished(weights))
}

fn resume(folder: &RunFolder, claim: Claim, watcher: &mut dyn Observer<Report, f64>) -> Result<State, FolderError> {
    let model: ParameterSet = ["slope", "offset"].map(|name| Parameter::new(name, &[1], vec![0.0], Group::NoDecay)).into();
    let adam = AdamW::new(&model, AdamWOptions::default());
    let fresh = State { model, adam, progress: Saved { step: 0, stopping: EarlyStopping::new(5) } };
    let latest = if claim.resume { folder.latest_checkpoint(|bytes| from_bytes(bytes, fresh.clone()))? } else { None };
    let Some(latest) = latest else { return Ok(fresh) };
    latest.faults.iter().for_each(|fault| watcher.note(fault));
    Ok(latest.checkpoint)
}

fn to_bytes(state: &State) -> Vec<u8> {
    let mut checkpoint = Checkpoint::new(&state.progress).unwrap();
    checkpoint.add_model(&state.model, &state.adam);
    checkpoint.to_bytes()
}

fn from_bytes(bytes: &[u8], mut fresh: State) -> Result<State, CheckpointError> {
    let checkpoint = Checkpoint::from_bytes(bytes)?;
    checkpoint.read_model(&mut fresh.model, &mut fresh.adam)?;
    fresh.progress = checkpoint.state()?;
    Ok(fresh)
}

/// Points of the line 3x − 1, and noise.
fn points(purpose: &str, step: usize) -> Vec<(f32, f32)> {
    let mut rng = generator(7, purpose, step as u64);
    let mut uniform = || rng.random_range(-1.0f32..1.0);
    (0..POINTS).map(|_| (uniform(), 0.1 * uniform())).map(|(x, noise)| (x, 3.0 * x - 1.0 + noise)).collect()
}

fn loss_and_gradients(model: &ParameterSet, step: usize) -> (f32, Gradients) {
    let (slope, offset) = (model[0].values[0], model[1].values[0]);
    let errors = points("batch", step).into_iter().map(|(x, y)| (x, slope * x + offset - y));
    let (mut loss, mut in_slope, mut in_offset) = (0.0, 0.0, 0.0);
    for (x, error) in errors {
        loss += error * error;
        in_slope += 2.0 * error * x;
        in_offset += 2.0 * error;
    }
    let mut gradients = Gradients::default();
    gradients.insert("slope", vec![in_slope / POINTS as f32]);
    gradients.insert("offset", vec![in_offset / POINTS as f32]);
    (loss / POINTS as f32, gradients)
}

fn validation_loss(model: &ParameterSet) -> f64 {
    let error = |(x, y): (f32, f32)| f64::from(model[0].values[0] * x + model[1].values[0] - y).powi(2);
    points("validation", 0).into_iter().map(error).sum()
}
