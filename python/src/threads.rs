//! The threads that work runs on, while Python goes on with its own.

use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The pool, and the process that has its threads.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Runs `work` on all threads (`RAYON_NUM_THREADS` changes their number) with the GIL released.
///
/// # Errors
/// The system starts no threads.
pub fn run<R: Send>(py: Python<'_>, work: impl FnOnce() -> R + Send) -> PyResult<R> {
    py.detach(|| Ok(pool()?.install(work)))
}

/// A process that was forked, as `multiprocessing` does, has none of its parent's threads: it would wait for them for ever.
fn pool() -> PyResult<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, threads)) = pool.as_ref().filter(|(owner, _)| *owner == process::id()) {
        return Ok(threads.clone());
    }
    let threads = ThreadPoolBuilder::new().build().map_err(|error| PyRuntimeError::new_err(format!("no threads: {error}")))?;
    let threads = Arc::new(threads);
    // Dropping the parent's pool would talk to threads that are not here.
    std::mem::forget(pool.replace((process::id(), threads.clone())));
    Ok(threads)
}
