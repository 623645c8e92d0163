//! One run of a recommender from start to finish: built, trained, tested, with a checkpoint after every epoch where there is
//! a folder for it.

use std::cell::RefCell;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::dataset::{Query, Split};
use super::fit::learner::Learner;
use super::fit::options::FitOptions;
use super::fit::run::{EpochReport, Fit, FitError, State};
pub use super::job::Job;
use super::job::fingerprint;
use super::kind::{Built, Kind, build};
use super::placement::Placement;
use super::recommender::{Recommender, place_all};
use super::record::{RunRecord, Training};
use crate::base::clock::now;
use crate::learn::checkpoint::CheckpointError;
use crate::learn::fingerprint::differences;
use crate::learn::folder::{FolderError, RunFolder, at};
use crate::learn::observer::Observer;

/// Users asked between two looks at the watcher.
const BLOCK: usize = 1024;
/// Seconds between checkpoints at least: epochs may be much shorter.
const BETWEEN_CHECKPOINTS: f64 = 5.0;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Steps of training.
    Training,
    /// Users of the test.
    Testing,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What it is doing.
    pub stage: Stage,
    /// Steps or users done.
    pub done: usize,
}

/// Whoever watches a run.
pub type Watcher<'w> = dyn Observer<Step, EpochReport> + 'w;

/// What a run gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its measurements.
    pub record: RunRecord,
    /// Where the target of each user of the test stands.
    pub places: Vec<Option<Placement>>,
    /// Every epoch.
    pub history: Vec<EpochReport>,
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// All of it is done.
    Finished(Box<Outcome>),
    /// Stopped on request; the checkpoint to go on from, where there is one.
    Interrupted(Option<PathBuf>),
}

/// A run that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No index for a recommender of tokens.
    #[error("{0} reads the tokens of items: give it an index")]
    NeedsTokens(Kind),
    /// The index is of other items.
    #[error("the index has {index} items and the dataset {dataset}: read the sequences with the ids of the index")]
    OtherItems {
        /// Items of the index.
        index: usize,
        /// Items of the dataset.
        dataset: usize,
    },
    /// Epochs for what is not trained by epochs.
    #[error("{0} is not trained by epochs: leave their number out")]
    NoEpochs(Kind),
    /// Nobody is asked.
    #[error("no user of the test has a target")]
    NoUsers,
    /// Training failed.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The folder failed.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A checkpoint cannot be made.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint is of another run.
    #[error("the folder holds a run of other settings or data; choose another folder, or start again with --force:\n{0}")]
    OtherRun(String),
}

/// What a job depends on, as text: of two jobs with the same, the results are the same.
///
/// # Errors
/// As [`run`], where the job does not fit.
pub fn fingerprint_of(job: &Job<'_>) -> Result<String, SessionError> {
    match built(job)? {
        Built::Ready(_) => Ok(fingerprint(job, None)),
        Built::Learner(_, options) => Ok(fingerprint(job, Some(&fit_options(job, options)))),
    }
}

/// Runs a job; with a folder, it goes on from the newest checkpoint there, and keeps a log.
///
/// # Errors
/// [`SessionError`].
pub fn run(job: &Job<'_>, folder: Option<&RunFolder>, watcher: &mut Watcher<'_>) -> Result<Ended, SessionError> {
    match built(job)? {
        Built::Ready(recommender) => test(job, recommender.as_ref(), Training::default(), Vec::new(), watcher),
        Built::Learner(mut learner, options) => {
            let options = fit_options(job, options);
            let mut trainer = Trainer::new(job, &options, folder, learner.as_mut(), watcher)?;
            if let Some(ended) = trainer.train(learner.as_mut(), watcher)? {
                return Ok(ended);
            }
            let training = trainer.training(learner.weights().len());
            test(job, learner.as_ref(), training, trainer.state.history().to_vec(), watcher)
        }
    }
}

/// The recommender of a job, untrained.
fn built(job: &Job<'_>) -> Result<Built, SessionError> {
    if let Some(index) = job.index.filter(|index| index.items() != job.dataset.items()) {
        return Err(SessionError::OtherItems { index: index.items(), dataset: job.dataset.items() });
    }
    match build(job.kind, job.dataset, job.index, job.size, job.seed) {
        None => Err(SessionError::NeedsTokens(job.kind)),
        Some(Built::Ready(_)) if job.epochs.is_some() => Err(SessionError::NoEpochs(job.kind)),
        Some(built) => Ok(built),
    }
}

fn fit_options(job: &Job<'_>, options: FitOptions) -> FitOptions {
    FitOptions { epochs: job.epochs.unwrap_or(options.epochs), seed: job.seed, ..options }
}

/// The training of a learner, with its checkpoints.
struct Trainer<'a> {
    fit: Fit<'a>,
    folder: Option<&'a RunFolder>,
    fingerprint: String,
    state: State,
    seconds: f64,
    epochs: usize,
}

/// What a checkpoint keeps beside the state.
#[derive(Serialize, Deserialize)]
struct Kept {
    fingerprint: String,
    seconds: f64,
}

impl<'a> Trainer<'a> {
    fn new(
        job: &Job<'_>,
        options: &'a FitOptions,
        folder: Option<&'a RunFolder>,
        learner: &mut dyn Learner,
        watcher: &mut Watcher<'_>,
    ) -> Result<Self, SessionError> {
        let fit = Fit::new(options, job.dataset);
        let fingerprint = fingerprint(job, Some(options));
        let (mut state, mut seconds) = (fit.start(learner), 0.0);
        let learner = RefCell::new(learner);
        let read = |bytes: &[u8]| fit.read_checkpoint(bytes, &mut **learner.borrow_mut());
        if let Some(latest) = folder.map(|folder| folder.latest_checkpoint(read)).transpose()?.flatten() {
            let (saved, kept) = latest.checkpoint;
            let kept: Kept = serde_json::from_str(&kept).map_err(CheckpointError::State)?;
            if kept.fingerprint != fingerprint {
                return Err(SessionError::OtherRun(differences(&kept.fingerprint, &fingerprint)));
            }
            latest.faults.iter().for_each(|fault| watcher.note(&format!("left out a damaged checkpoint: {fault}")));
            (state, seconds) = (saved, kept.seconds);
            watcher.note(&format!("resuming after epoch {} of {}", state.history().len(), options.epochs));
        }
        Ok(Self { fit, folder, fingerprint, state, seconds, epochs: options.epochs })
    }

    /// Epoch by epoch to the end; how it ended if it was stopped.
    fn train(&mut self, learner: &mut dyn Learner, watcher: &mut Watcher<'_>) -> Result<Option<Ended>, SessionError> {
        let step = self.state.history().last().map_or(0, |epoch| epoch.step);
        let mut log = self.folder.map(|folder| folder.open_log(step)).transpose()?;
        let mut saved = now();
        loop {
            let (begin, before, epochs) = (now(), self.state.history().len(), self.epochs);
            let mut stepped = |done: usize, steps: usize| {
                watcher.step(&Step { stage: Stage::Training, done: before * steps + done }, epochs * steps);
            };
            let report = self.fit.epoch(learner, &mut self.state, &mut stepped)?;
            self.seconds += now() - begin;
            let Some(report) = report else { break };
            watcher.measured(&report);
            if let (Some(log), Some(folder)) = (&mut log, self.folder) {
                log.write("epoch", &report).and_then(|()| log.flush()).map_err(at(&folder.log_path()))?;
            }
            let stop = watcher.stop();
            let mut checkpoint = None;
            if let Some(folder) = self.folder.filter(|_| stop || now() - saved > BETWEEN_CHECKPOINTS) {
                let kept = Kept { fingerprint: self.fingerprint.clone(), seconds: self.seconds };
                let kept = serde_json::to_string(&kept).map_err(CheckpointError::State)?;
                let bytes = self.fit.write_checkpoint(learner, &self.state, &kept)?;
                checkpoint = Some(folder.save_checkpoint(report.step, &bytes)?);
                saved = now();
            }
            if stop {
                return Ok(Some(Ended::Interrupted(checkpoint)));
            }
        }
        Ok(None)
    }

    fn training(&self, parameters: usize) -> Training {
        let best = self.state.best_score();
        let is_best = |epoch: &&EpochReport| epoch.validation_ndcg_at_10 == best;
        Training {
            validation_ndcg_at_10: best,
            epochs: self.state.history().len(),
            best_epoch: best.and_then(|_| self.state.history().iter().find(is_best)).map(|epoch| epoch.epoch),
            seconds: self.seconds,
            parameters,
        }
    }
}

/// Asks every user of the test.
fn test(
    job: &Job<'_>,
    recommender: &dyn Recommender,
    mut training: Training,
    history: Vec<EpochReport>,
    watcher: &mut Watcher<'_>,
) -> Result<Ended, SessionError> {
    let begin = now();
    let queries: Vec<Query> = job.dataset.queries(Split::Test);
    let mut places = Vec::with_capacity(queries.len());
    for block in queries.chunks(BLOCK) {
        if watcher.stop() {
            return Ok(Ended::Interrupted(None));
        }
        places.extend(place_all(recommender, block, job.listing));
        watcher.step(&Step { stage: Stage::Testing, done: places.len() }, queries.len());
    }
    training.seconds += now() - begin;
    let record = RunRecord::new(&queries, &places, job.dataset.training_counts(), training).ok_or(SessionError::NoUsers)?;
    Ok(Ended::Finished(Box::new(Outcome { record, places, history })))
}
