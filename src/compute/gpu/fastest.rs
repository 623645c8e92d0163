//! Which of several launches that compute the same is the fastest on this device.
//!
//! Which tile of the matrix product wins ([`super::Tile`]) differs from device to device, so a measurement of some
//! milliseconds chooses at start-up. A device that needs too long for one run, such as a software renderer, is not measured
//! and takes the first candidate.

use super::device::Gpu;
use super::timing;
use crate::compute::DeviceError;

/// Seconds that one measurement is made to take.
const MEASURED_SECONDS: f64 = 4e-3;
/// Most seconds of a single run: a slower device is not measured.
const MOST_SECONDS: f64 = 25e-3;

/// Number of the fastest of `candidates`: `record(candidate, encoder)` records one run of a candidate.
///
/// # Errors
/// [`DeviceError::Stopped`].
pub async fn fastest(
    gpu: &Gpu,
    candidates: usize,
    record: impl Fn(usize, &mut wgpu::CommandEncoder),
) -> Result<usize, DeviceError> {
    if candidates < 2 {
        return Ok(0);
    }
    let (repeats, taken) = timing::repeats(gpu, MEASURED_SECONDS, &|encoder| record(0, encoder)).await?;
    if repeats == 1 && taken > MOST_SECONDS {
        return Ok(0);
    }
    let mut best = (f64::INFINITY, 0);
    // Each twice, in turn: a device that speeds up or gets hot then does so for all of them alike.
    for turn in 0..2 * candidates {
        let candidate = turn % candidates;
        let taken = timing::seconds(gpu, repeats, &|encoder| record(candidate, encoder)).await?;
        if taken < best.0 {
            best = (taken, candidate);
        }
    }
    Ok(best.1)
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::compute::gpu::GpuOptions;

    #[test]
    fn a_measurement_ends_and_runs_every_candidate() {
        let gpu = match pollster::block_on(Gpu::open(&GpuOptions::default())) {
            Ok(gpu) => gpu,
            Err(error) => {
                let in_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty());
                assert!(!in_ci, "CI must have a GPU or Mesa's llvmpipe: {error}");
                eprintln!("SKIPPED: no GPU here, not even a software one ({error})");
                return;
            }
        };
        let runs = [const { std::cell::Cell::new(0) }; 3];
        let found = pollster::block_on(fastest(&gpu, 3, |candidate, _| runs[candidate].set(runs[candidate].get() + 1))).unwrap();
        assert!(found < 3);
        assert!(runs.iter().all(|count| count.get() >= 2), "{runs:?}");
        gpu.device.destroy();
        assert!(matches!(pollster::block_on(fastest(&gpu, 3, |_, _| ())), Err(DeviceError::Stopped(_))));
    }
}
