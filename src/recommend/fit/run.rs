//! One epoch after the other. Everything that changes is in [`State`], which a checkpoint keeps.

use rand::seq::index::sample;
use serde::{Deserialize, Serialize};

use super::learner::{Chance, Learner, Loss, Shard};
use super::options::FitOptions;
use crate::base::parallel::map_items;
use crate::learn::checkpoint::{Checkpoint, CheckpointError};
use crate::learn::early_stopping::{EarlyStopping, Progress};
use crate::learn::optimizer::{AdamW, AdamWOptions};
use crate::learn::seed::generator;
use crate::recommend::dataset::{Dataset, Query, Split};
use crate::recommend::placement::Metrics;
use crate::recommend::recommender::{Listing, place_all};

/// Name of the best weights in a checkpoint.
const BEST: &str = "best";

/// Values of a gradient that one thread adds up at a time.
const CHUNK: usize = 1 << 14;

/// What an epoch did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Epochs done.
    pub epoch: usize,
    /// Steps done.
    pub step: usize,
    /// Mean loss of the epoch, in nats a term where it is a log-loss.
    pub loss: f64,
    /// NDCG@10 by items of the validation, where there was one.
    pub validation_ndcg_at_10: Option<f64>,
}

/// A training that cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// The loss is not finite any more.
    #[error("the loss is {loss} at step {step}: try a lower learning rate than {rate}")]
    Diverged {
        /// Steps done.
        step: usize,
        /// What it is.
        loss: f64,
        /// The largest learning rate of the run.
        rate: f32,
    },
    /// No samples to learn from.
    #[error("there is nothing to learn from: no user has two training interactions with known items")]
    NoSamples,
}

/// What changes in a training, but for the weights, which the learner holds.
#[derive(Debug, Clone)]
pub struct State {
    adam: AdamW,
    best: Vec<f32>,
    saved: Saved,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Saved {
    epoch: usize,
    step: usize,
    stopping: EarlyStopping,
    done: bool,
    history: Vec<EpochReport>,
}

/// A training over fixed data.
pub struct Fit<'a> {
    options: &'a FitOptions,
    validation: Vec<Query>,
}

impl<'a> Fit<'a> {
    /// Prepares it. The users of the validation are the same for every model and seed.
    pub fn new(options: &'a FitOptions, dataset: &Dataset) -> Self {
        let mut validation = dataset.queries(Split::Validation);
        if validation.len() > options.validation_users {
            let mut chosen =
                sample(&mut generator(0, "validation users", 0), validation.len(), options.validation_users).into_vec();
            chosen.sort_unstable();
            validation = chosen.into_iter().map(|user| validation[user].clone()).collect();
        }
        Self { options, validation }
    }

    /// The beginning.
    pub fn start(&self, learner: &mut dyn Learner) -> State {
        let o = self.options;
        let options =
            AdamWOptions { beta_1: o.beta_1, beta_2: o.beta_2, weight_decay: o.weight_decay, ..AdamWOptions::default() };
        let saved = Saved { epoch: 0, step: 0, stopping: EarlyStopping::new(o.patience), done: false, history: Vec::new() };
        learner.weights_changed();
        State { adam: AdamW::new(learner.weights(), options), best: learner.weights().values.clone(), saved }
    }

    /// One epoch; none when the training is over, with the best weights in the learner. `stepped` hears of every step:
    /// how many of how many in this epoch are done.
    ///
    /// # Errors
    /// [`FitError`].
    pub fn epoch(
        &self,
        learner: &mut dyn Learner,
        state: &mut State,
        stepped: &mut dyn FnMut(usize, usize),
    ) -> Result<Option<EpochReport>, FitError> {
        if state.saved.done || state.saved.epoch >= self.options.epochs {
            learner.weights_mut().values.copy_from_slice(&state.best);
            learner.weights_changed();
            return Ok(None);
        }
        let batches = learner.batches(state.saved.epoch as u64);
        if batches.is_empty() {
            return Err(FitError::NoSamples);
        }
        let (mut loss, steps) = (Loss::default(), batches.len());
        for (number, batch) in batches.iter().enumerate() {
            let of_batch = self.step(learner, state, batch, steps * self.options.epochs)?;
            loss = Loss { sum: loss.sum + of_batch.sum, terms: loss.terms + of_batch.terms };
            stepped(number + 1, steps);
        }
        state.saved.epoch += 1;
        let due = state.saved.epoch.is_multiple_of(self.options.validate_every) || state.saved.epoch == self.options.epochs;
        let score = due.then(|| self.validate(learner, state));
        let report = EpochReport {
            epoch: state.saved.epoch,
            step: state.saved.step,
            loss: rounded(loss.sum / loss.terms.max(1.0)),
            validation_ndcg_at_10: score,
        };
        state.saved.history.push(report.clone());
        Ok(Some(report))
    }

    /// One step by a batch; `total` steps are what the schedule of the learning rate is for.
    ///
    /// # Errors
    /// [`FitError::Diverged`].
    pub fn step(&self, learner: &mut dyn Learner, state: &mut State, batch: &[Shard], total: usize) -> Result<Loss, FitError> {
        let size = learner.weights().len();
        let shared: &dyn Learner = learner;
        let shards: Vec<(usize, &Shard)> = batch.iter().enumerate().collect();
        let parts = map_items(shards, |(number, shard)| {
            let mut gradient = vec![0.0; size];
            let chance = Chance { seed: self.options.seed, step: state.saved.step as u64, shard: number as u64 };
            (shared.learn(shard, chance, &mut gradient), gradient)
        });
        let (losses, gradients): (Vec<Loss>, Vec<Vec<f32>>) = parts.into_iter().unzip();
        let add = |a: Loss, b: &Loss| Loss { sum: a.sum + b.sum, terms: a.terms + b.terms };
        let loss = losses.iter().fold(Loss::default(), add);
        if !loss.sum.is_finite() {
            return Err(FitError::Diverged { step: state.saved.step, loss: loss.sum, rate: self.options.learning_rate });
        }
        let mut gradient = scaled_sum(&gradients, 1.0 / loss.terms.max(1.0) as f32);
        learner.finish_gradient(loss.terms, &mut gradient);
        clip(&mut gradient, self.options.clip);
        let named = learner.weights().named_gradients(&gradient);
        let rate = self.options.rate(state.saved.step, total);
        state.adam.update(learner.weights_mut(), &named, rate);
        learner.weights_changed();
        state.saved.step += 1;
        Ok(loss)
    }

    fn validate(&self, learner: &mut dyn Learner, state: &mut State) -> f64 {
        let score = rounded(Metrics::of_items(&place_all(learner, &self.validation, Listing::default())).ndcg_at_10);
        match state.saved.stopping.observe(score) {
            Progress::Best => state.best.copy_from_slice(&learner.weights().values),
            Progress::Waiting => {}
            Progress::Stop => state.saved.done = true,
        }
        score
    }

    /// The state and the learner's weights as bytes; `fingerprint` says which run it is.
    ///
    /// # Errors
    /// [`CheckpointError::State`], which does not happen to a state that training made.
    pub fn write_checkpoint(&self, learner: &dyn Learner, state: &State, fingerprint: &str) -> Result<Vec<u8>, CheckpointError> {
        let mut checkpoint = Checkpoint::new(&(fingerprint, &state.saved))?;
        checkpoint.add_model(learner.weights(), &state.adam);
        checkpoint.add_floats(BEST, &[state.best.len()], &state.best);
        Ok(checkpoint.to_bytes())
    }

    /// Inverse of [`Fit::write_checkpoint`] for a learner of the same shapes: its state, and its fingerprint.
    ///
    /// # Errors
    /// Damage, and other shapes; the learner is then as it was.
    pub fn read_checkpoint(&self, bytes: &[u8], learner: &mut dyn Learner) -> Result<(State, String), CheckpointError> {
        let checkpoint = Checkpoint::from_bytes(bytes)?;
        let (fingerprint, saved): (String, Saved) = checkpoint.state()?;
        let mut state = self.start(learner);
        let size = state.best.len();
        checkpoint.read_floats(BEST, &[size], &mut state.best)?;
        checkpoint.read_model(learner.weights_mut(), &mut state.adam)?;
        learner.weights_changed();
        state.saved = saved;
        Ok((state, fingerprint))
    }
}

impl State {
    /// Every epoch so far.
    pub fn history(&self) -> &[EpochReport] {
        &self.saved.history
    }

    /// The best validation NDCG@10 so far.
    pub fn best_score(&self) -> Option<f64> {
        self.saved.stopping.best()
    }
}

/// To twelve decimals: more are not the same bits again after a checkpoint, whose JSON is read without care for the last.
fn rounded(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}

/// The sum of gradients of equal length, in their order, times `scale`; on all threads.
fn scaled_sum(gradients: &[Vec<f32>], scale: f32) -> Vec<f32> {
    let mut sum = vec![0.0; gradients.first().map_or(0, Vec::len)];
    let chunks: Vec<(usize, &mut [f32])> = sum.chunks_mut(CHUNK).enumerate().collect();
    map_items(chunks, |(number, sum)| {
        for gradient in gradients {
            sum.iter_mut().zip(&gradient[number * CHUNK..]).for_each(|(sum, g)| *sum += g);
        }
        sum.iter_mut().for_each(|sum| *sum *= scale);
    });
    sum
}

/// Scales a gradient to a norm of at most `limit`.
fn clip(gradient: &mut [f32], limit: f32) {
    if limit <= 0.0 {
        return;
    }
    let norm = gradient.iter().map(|g| f64::from(*g) * f64::from(*g)).sum::<f64>().sqrt();
    if norm > f64::from(limit) {
        let scale = (f64::from(limit) / norm) as f32;
        gradient.iter_mut().for_each(|g| *g *= scale);
    }
}
