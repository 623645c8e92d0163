//! Wall and CPU time of repeated runs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Least number of timed runs, even if they take longer than the limit.
const MIN_RUNS: usize = 3;

/// Speed of a stage.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Rates {
    /// By the wall time of the median run.
    pub items_per_second: f64,
    /// By the CPU time of the whole process over all runs; none where the system does not report it.
    pub items_per_cpu_second: Option<f64>,
    /// By the wall time of the fastest run.
    pub best_items_per_second: f64,
    /// Number of timed runs, which follow an untimed one.
    pub runs: usize,
}

/// Runs `run`, which processes `items`, once untimed to warm up, and then repeats it for about `limit`.
///
/// # Errors
/// The first error of `run`.
pub fn measure<T, E>(items: usize, limit: Duration, mut run: impl FnMut() -> Result<T, E>) -> Result<Rates, E> {
    black_box(run()?);
    let mut seconds = Vec::new();
    let (started, cpu) = (Instant::now(), cpu_time());
    while seconds.len() < MIN_RUNS || started.elapsed() < limit {
        let start = Instant::now();
        black_box(run()?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    let cpu = cpu_time().zip(cpu).map(|(after, before)| (after - before).as_secs_f64());
    seconds.sort_by(f64::total_cmp);
    let runs = seconds.len();
    Ok(Rates {
        items_per_second: items as f64 / seconds[runs / 2],
        items_per_cpu_second: cpu.map(|cpu| (items * runs) as f64 / cpu),
        best_items_per_second: items as f64 / seconds[0],
        runs,
    })
}

/// CPU time of all threads of this process.
#[cfg(unix)]
fn cpu_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
}

#[cfg(not(unix))]
fn cpu_time() -> Option<Duration> {
    None
}
