//! Progress of a policy that takes long: a [`Watch`] learns how many steps are done, and can stop the work.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Called with the number of steps done and of all steps; returns whether to go on.
pub type Watch<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// The watcher asked to stop.
#[derive(Debug, Clone, Copy)]
pub struct Stopped;

/// Counts steps on all threads.
pub struct Progress<'a> {
    watch: Watch<'a>,
    done: AtomicUsize,
    total: usize,
}

impl<'a> Progress<'a> {
    /// None of `total` steps is done yet.
    pub fn new(watch: Watch<'a>, total: usize) -> Self {
        Self { watch, done: AtomicUsize::new(0), total }
    }

    /// Counts `steps` more steps and reports to the watcher; with 0 it only asks whether to go on.
    ///
    /// # Errors
    /// The watcher asked to stop.
    pub fn step(&self, steps: usize) -> Result<(), Stopped> {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        if (self.watch)(done, self.total) { Ok(()) } else { Err(Stopped) }
    }
}
