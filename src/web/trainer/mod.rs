//! A tokenizer trained in the page: a training set, and the run on it.

mod run;
mod training_set;

pub use run::TrainingRun;
pub use training_set::TrainingSet;
