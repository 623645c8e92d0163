//! A run in memory: stepped, looked at, saved and brought back by whoever watches it.

use std::borrow::Cow;

use super::interventions;
use super::look::{Look, Looker};
use super::settings::Settings;
use crate::base::words::{counted, verb};
use crate::model::{Architecture, Precision, TextConfig};
use crate::train::TrainError;
use crate::train::data::{Domain, Training};
use crate::train::network::device::Device;
use crate::train::recipes::unitok::finished::{Finish, Finished};
use crate::train::recipes::unitok::run::{Run, StepReport};
use crate::train::recipes::unitok::schedule::Phase;
use crate::train::recipes::unitok::state::State;

/// Fewest items to train on.
const FEWEST_ITEMS: usize = 32;
/// Widest vectors: the start looks at every two of their values together.
const WIDEST: usize = 4096;
/// Most memory of a run, which a page shares with everything else in it.
const MOST_BYTES: usize = 2 << 30;

/// What keeps a live run from starting or going on.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Too few items.
    #[error(
        "{} {} too few to learn from: {FEWEST_ITEMS} are the least. Open a larger catalogue, or train on all samples together",
        counted(*.0, "item"), verb(*.0, "is", "are")
    )]
    TooFew(usize),
    /// Vectors that are too wide.
    #[error(
        "the vectors have {0} values each, and at most {WIDEST} can be trained on here. Train with the command line, which has no such limit"
    )]
    TooWide(usize),
    /// More memory than a page should take.
    #[error("this would take about {} MB of memory. Choose fewer codes, levels or experts, or fewer items", .0 >> 20)]
    Memory(usize),
    /// The loss is no longer finite.
    #[error(
        "step {0}: the loss is not a number any more. Start again with a smaller weight of the mutual information, and look for extreme values in the vectors"
    )]
    Diverged(usize),
    /// There is nothing to re-seed or switch off yet.
    #[error("there are no codes yet: wait until the warm-up is over")]
    NotYet,
    /// Codes do not learn any more.
    #[error("codes do not change any more in this part of the run: undo to an earlier step, or start again")]
    TooLate,
    /// The last expert.
    #[error("one expert has to stay on: all others are off")]
    LastExpert,
    /// A snapshot of another run.
    #[error("this snapshot is of another run")]
    OtherRun,
    /// Anything else.
    #[error(transparent)]
    Train(TrainError),
}

impl<E: Into<TrainError>> From<E> for LiveError {
    fn from(error: E) -> Self {
        match error.into() {
            TrainError::Diverged { step, .. } => Self::Diverged(step),
            error => Self::Train(error),
        }
    }
}

/// A run between two steps, with its data.
#[derive(Debug)]
pub struct LiveRun {
    run: Run<'static>,
    state: State,
    looker: Looker,
}

impl LiveRun {
    /// A run at its beginning, on `domains` of scaled rows `width` wide, which `text` says the making of.
    ///
    /// # Errors
    /// Data that nothing can be learned from, or too much of it.
    pub fn new(settings: &Settings, domains: Vec<Domain>, width: usize, text: TextConfig) -> Result<Self, LiveError> {
        let sizes = || domains.iter().map(|domain| domain.items(width));
        let (items, smallest) = (sizes().sum(), sizes().min().unwrap_or(0));
        if items < FEWEST_ITEMS {
            return Err(LiveError::TooFew(items));
        }
        if width > WIDEST {
            return Err(LiveError::TooWide(width));
        }
        let config = settings.config(domains.len(), smallest).map_err(TrainError::from)?;
        let bytes = memory(&config.architecture(width, domains.len()), items);
        if bytes > MOST_BYTES {
            return Err(LiveError::Memory(bytes));
        }
        let looker = Looker::new(&domains, width);
        let training = Training { domains: Cow::Owned(domains), width, collaborative: None, cooccurrence: None };
        let run = Run::new(Cow::Owned(config), training, Device::Cpu)?;
        let state = run.start(text)?;
        Ok(Self { run, state, looker })
    }

    /// One step; none when the run is over.
    ///
    /// # Errors
    /// [`LiveError::Diverged`].
    pub fn step(&mut self) -> Result<Option<StepReport>, LiveError> {
        Ok(self.run.advance(&mut self.state)?)
    }

    /// Adds time that was spent on it, for the model's card.
    pub fn add_seconds(&mut self, seconds: f64) {
        self.state.seconds += seconds;
    }

    /// Steps done.
    pub fn steps_done(&self) -> usize {
        self.state.step
    }

    /// Steps of the whole run.
    pub fn total_steps(&self) -> usize {
        self.run.total_steps()
    }

    /// What the next step belongs to.
    pub fn phase(&self) -> Phase {
        self.state.phase
    }

    /// Whether the next step begins with what happens between phases, which takes longer than a step.
    pub fn is_between_phases(&self) -> bool {
        self.run.is_between_phases(&self.state)
    }

    /// The domains, one an expert.
    pub fn domains(&self) -> &[Domain] {
        &self.run.training().domains
    }

    /// Shapes of the model.
    pub fn architecture(&self) -> &Architecture {
        &self.state.model.config.model
    }

    /// The domain of each item that looks look at.
    pub fn sampled_domains(&self) -> &[u32] {
        &self.looker.domains
    }

    /// Measures the model as it is.
    ///
    /// # Errors
    /// Values that are not finite any more.
    pub fn look(&mut self) -> Result<Look, LiveError> {
        let coded = self.has_codes();
        Ok(self.looker.look(&self.state.model, coded).map_err(TrainError::from)?)
    }

    /// Everything that changes in a run, as bytes: a checkpoint.
    ///
    /// # Errors
    /// None that happen to a state that training made.
    pub fn snapshot(&self) -> Result<Vec<u8>, LiveError> {
        Ok(self.run.write_checkpoint(&self.state)?)
    }

    /// Goes back, or on, to a snapshot of this run.
    ///
    /// # Errors
    /// Bytes that are damaged, or of another run.
    pub fn restore(&mut self, snapshot: &[u8]) -> Result<(), LiveError> {
        let (state, fingerprint) = self.run.read_checkpoint(snapshot, self.state.clone())?;
        self.run.check_fingerprint(&fingerprint).map_err(|_| LiveError::OtherRun)?;
        self.state = state;
        Ok(())
    }

    /// Moves the codes that no item uses to where items are, and returns how many.
    ///
    /// # Errors
    /// Before and after joint training.
    pub fn reseed(&mut self) -> Result<usize, LiveError> {
        match self.state.phase {
            _ if !self.has_codes() => Err(LiveError::NotYet),
            Phase::Joint => Ok(interventions::reseed(&self.run, &mut self.state)),
            _ => Err(LiveError::TooLate),
        }
    }

    /// Switches an expert off: its gate stays shut from now on.
    ///
    /// # Errors
    /// Before joint training; the last expert that is on.
    pub fn switch_off(&mut self, expert: usize) -> Result<(), LiveError> {
        if !self.has_codes() {
            return Err(LiveError::NotYet);
        }
        interventions::switch_off(&mut self.state, expert).ok_or(LiveError::LastExpert)
    }

    /// The experts that are off.
    pub fn switched_off(&self) -> Vec<usize> {
        interventions::switched_off(&self.state.model)
    }

    /// The model folder of the run as it is; `command` is for its card.
    ///
    /// # Errors
    /// Before there are codes; weights that are not finite any more.
    pub fn finish(&self, command: &str) -> Result<Finished, LiveError> {
        if !self.has_codes() {
            return Err(LiveError::NotYet);
        }
        self.run.check_weights(&self.state)?;
        let (config, domains) = (self.run.config(), self.domains());
        let finish = Finish { config, domains, unseen: &[], left_out: &[], precision: Precision::F16, command };
        Ok(finish.of(&self.state)?)
    }

    /// Codebooks begin with the first step of joint training.
    fn has_codes(&self) -> bool {
        self.state.phase != Phase::Warmup
    }
}

/// About the bytes that a run takes at most: weights with gradients, moments, a copy and a snapshot of three, and the rows.
fn memory(a: &Architecture, items: usize) -> usize {
    4 * (9 * a.parameters().total() + 3 * items * a.input)
}
