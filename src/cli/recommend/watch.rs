//! Shows the training and testing of a recommender.

use std::time::Instant;

use indicatif::ProgressBar;

use crate::cli::{interrupt, progress};
use crate::learn::observer::Observer;
use crate::recommend::fit::run::EpochReport;
use crate::recommend::session::{Stage, Step};

/// A bar, or lines where there is no terminal.
pub struct Watch {
    quiet: bool,
    bar: ProgressBar,
    what: String,
    last_line: Instant,
}

impl Watch {
    /// For one run.
    pub fn new(quiet: bool) -> Self {
        let bar = progress::items(0, "", quiet);
        bar.set_style(progress::style("{msg} [{bar:24}] {percent}% · {eta} left"));
        Self { quiet, bar, what: "training".into(), last_line: Instant::now() }
    }

    /// A line beside the bar.
    pub fn line(&self, text: &str) {
        progress::line(&self.bar, self.quiet, text);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer<Step, EpochReport> for Watch {
    fn step(&mut self, step: &Step, total: usize) {
        if step.stage == Stage::Testing {
            self.what = "test".into();
        }
        // Another length means another stage, whose rate is another.
        if self.bar.length() != Some(total as u64) {
            self.bar.set_length(total as u64);
            self.bar.reset_eta();
        }
        self.bar.set_message(self.what.clone());
        self.bar.set_position(step.done as u64);
        if self.bar.is_hidden() && self.last_line.elapsed().as_secs() >= 30 {
            self.last_line = Instant::now();
            self.line(&format!("{} · {} of {total}", self.what, step.done));
        }
    }

    fn measured(&mut self, epoch: &EpochReport) {
        let score = epoch.validation_ndcg_at_10.map_or(String::new(), |score| format!(" · validation N@10 {score:.4}"));
        self.what = format!("epoch {} · loss {:.3}{score}", epoch.epoch, epoch.loss);
    }

    fn note(&mut self, text: &str) {
        self.line(text);
    }

    fn stop(&self) -> bool {
        interrupt::requested()
    }
}
