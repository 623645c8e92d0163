//! Watching a policy that takes long.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Is told how many steps are done and how many there are, and says whether to go on.
pub type Watch<'a> = &'a (dyn Fn(usize, usize) -> bool + Sync);

/// The watcher said stop.
#[derive(Debug, Clone, Copy)]
pub struct Stopped;

/// Counts steps on all threads.
pub struct Progress<'a> {
    watch: Watch<'a>,
    done: AtomicUsize,
    of: usize,
}

impl<'a> Progress<'a> {
    /// Nothing of `of` steps is done.
    pub fn new(watch: Watch<'a>, of: usize) -> Self {
        Self { watch, done: AtomicUsize::new(0), of }
    }

    /// Counts steps; none only asks.
    ///
    /// # Errors
    /// The watcher said stop.
    pub fn step(&self, steps: usize) -> Result<(), Stopped> {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        if (self.watch)(done, self.of) { Ok(()) } else { Err(Stopped) }
    }
}
