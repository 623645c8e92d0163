//! Which of several ways to compute the same is the fastest on this device.

use super::device::Gpu;
use super::timing;
use crate::compute::DeviceError;

/// How long a measurement takes, if the device is fast enough.
const SLICE: f64 = 4e-3;
/// A device that takes longer for one run is left alone.
const TOO_LONG: f64 = 25e-3;

/// Which of `candidates` ways to do the same is the fastest: `record` records one run of one.
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
    let (repeats, taken) = timing::repeats(gpu, SLICE, |encoder| record(0, encoder)).await?;
    if repeats == 1 && taken > TOO_LONG {
        return Ok(0);
    }
    let mut best = (f64::INFINITY, 0);
    // In turn, twice, so that a device that is getting faster, or hot, is so for all.
    for turn in 0..2 * candidates {
        let way = turn % candidates;
        let taken = timing::seconds(gpu, repeats, |encoder| record(way, encoder)).await?;
        if taken < best.0 {
            best = (taken, way);
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
        let Ok(gpu) = pollster::block_on(Gpu::open(&GpuOptions::default())) else { return };
        let runs = [const { std::cell::Cell::new(0) }; 3];
        let found = pollster::block_on(fastest(&gpu, 3, |way, _| runs[way].set(runs[way].get() + 1))).unwrap();
        assert!(found < 3);
        assert!(runs.iter().all(|count| count.get() >= 2), "{runs:?}");
        gpu.device.destroy();
        assert!(matches!(pollster::block_on(fastest(&gpu, 3, |_, _| ())), Err(DeviceError::Stopped(_))));
    }
}
