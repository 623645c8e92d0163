//! Whoever watches a run: a progress bar, a page, a test.

/// What a run tells its watcher: `Step` after every step, `Measured` after every evaluation.
pub trait Observer<Step, Measured> {
    /// A step was done, of `total`.
    fn step(&mut self, report: &Step, total: usize);
    /// The model was measured.
    fn measured(&mut self, measured: &Measured);
    /// Something worth a line.
    fn note(&mut self, text: &str);
    /// Whether to save and end.
    fn stop(&self) -> bool;
}
