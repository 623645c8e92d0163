//! Shows a comparison: which run, how far, and what is left of the whole.

use std::time::Instant;

use indicatif::ProgressBar;

use super::duration::duration;
use crate::cli::{interrupt, progress};
use crate::compare::watch::Watcher;

/// A bar over the run that is being done, or lines where there is no terminal.
pub struct Watch {
    quiet: bool,
    bar: ProgressBar,
    what: String,
    /// Seconds that were left of the whole, and when.
    left: (f64, Instant),
    /// Runs to be done, and done.
    runs: (usize, usize),
    last_line: Instant,
}

impl Watch {
    /// Before anything is known.
    pub fn new(quiet: bool) -> Self {
        let bar = progress::items(1000, "", quiet);
        bar.set_style(progress::style("{msg} [{bar:16}]"));
        let now = Instant::now();
        Self { quiet, bar, what: String::new(), left: (0.0, now), runs: (0, 0), last_line: now }
    }

    /// So many seconds and runs are ahead.
    pub fn begin(&mut self, seconds: f64, runs: usize) {
        self.left = (seconds, Instant::now());
        self.runs = (runs, 0);
    }

    /// A line beside the bar.
    pub fn line(&self, text: &str) {
        progress::line(&self.bar, self.quiet, text);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn left(&self) -> String {
        duration((self.left.0 - self.left.1.elapsed().as_secs_f64()).max(0.0))
    }
}

impl Watcher for Watch {
    fn started(&mut self, what: &str) {
        self.what = what.into();
        self.bar.set_position(0);
        self.bar.set_message(what.to_owned());
        if self.bar.is_hidden() {
            self.line(&format!("{} of {} · {what} · about {} left", self.runs.1 + 1, self.runs.0, self.left()));
        }
        self.last_line = Instant::now();
    }

    fn progress(&mut self, share: f64, detail: &str) {
        self.bar.set_position((1000.0 * share) as u64);
        let (runs, done) = self.runs;
        self.bar.set_message(format!("{} of {runs} · {} · {detail} · about {} left", done + 1, self.what, self.left()));
        if self.bar.is_hidden() && self.last_line.elapsed().as_secs() >= 30 {
            self.last_line = Instant::now();
            self.line(&format!("  {:.0} % · {detail}", 100.0 * share));
        }
    }

    fn finished(&mut self, left: f64) {
        self.runs.1 += 1;
        self.left = (left, Instant::now());
    }

    fn note(&mut self, text: &str) {
        self.line(text);
    }

    fn stop(&self) -> bool {
        interrupt::requested()
    }
}
