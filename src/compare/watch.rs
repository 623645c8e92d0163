//! Whoever watches a comparison, and how the parts of it report to them.

use crate::learn::observer::Observer;
use crate::recommend::fit::run::EpochReport;
use crate::recommend::session::{Stage, Step};
use crate::train::recipes::unitok::evaluate::Health;
use crate::train::recipes::unitok::run::StepReport;

/// A progress bar, a test.
pub trait Watcher {
    /// A part of the work begins: a run, or a tokenizer for it.
    fn started(&mut self, what: &str);
    /// So much of the part is done, of 1; and a word on how it goes.
    fn progress(&mut self, share: f64, detail: &str);
    /// A part has ended; so many seconds are left of the whole, by what is known now.
    fn finished(&mut self, left: f64);
    /// Something worth a line.
    fn note(&mut self, text: &str);
    /// Whether to save and end.
    fn stop(&self) -> bool;
}

/// Reports the training of a recommender.
pub(super) struct OfRun<'w>(pub &'w mut dyn Watcher, pub String);

impl Observer<Step, EpochReport> for OfRun<'_> {
    fn step(&mut self, step: &Step, total: usize) {
        let what = if step.stage == Stage::Training { &self.1 } else { "test" };
        self.0.progress(step.done as f64 / total.max(1) as f64, what);
    }

    fn measured(&mut self, epoch: &EpochReport) {
        let score = epoch.validation_ndcg_at_10.map_or(String::new(), |score| format!(" · validation N@10 {score:.4}"));
        self.1 = format!("epoch {} · loss {:.3}{score}", epoch.epoch, epoch.loss);
    }

    fn note(&mut self, text: &str) {
        self.0.note(text);
    }

    fn stop(&self) -> bool {
        self.0.stop()
    }
}

/// Reports the training of a tokenizer.
pub(super) struct OfTokenizer<'w>(pub &'w mut dyn Watcher);

impl Observer<StepReport, Health> for OfTokenizer<'_> {
    fn step(&mut self, step: &StepReport, total: usize) {
        self.0.progress(step.step as f64 / total.max(1) as f64, step.phase.name());
    }

    fn measured(&mut self, _: &Health) {}

    fn note(&mut self, text: &str) {
        self.0.note(text);
    }

    fn stop(&self) -> bool {
        self.0.stop()
    }
}
