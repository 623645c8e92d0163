//! How long a device takes for some launches.

use super::device::Gpu;
use super::readback::{Readback, staging};
use crate::base::clock::now;
use crate::compute::DeviceError;

/// Records launches.
pub type Record<'a> = dyn Fn(&mut wgpu::CommandEncoder) + 'a;

const MOST_REPEATS: usize = 256;

/// How often the launches of `record` must be repeated to take longer than `least` seconds (a power of two, at most 256), and
/// how many seconds that took.
///
/// # Errors
/// [`DeviceError::Stopped`].
pub async fn repeats(gpu: &Gpu, least: f64, record: &Record<'_>) -> Result<(usize, f64), DeviceError> {
    // The first run is slower than any other.
    seconds(gpu, 1, record).await?;
    let mut repeats = 1;
    loop {
        let taken = seconds(gpu, repeats, record).await?;
        if taken > least || repeats == MOST_REPEATS {
            return Ok((repeats, taken));
        }
        repeats *= 2;
    }
}

/// Seconds from submission to completion of `repeats` times the launches of `record`.
///
/// # Errors
/// [`DeviceError::Stopped`].
pub async fn seconds(gpu: &Gpu, repeats: usize, record: &Record<'_>) -> Result<f64, DeviceError> {
    let scopes = gpu.open_scopes();
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    (0..repeats).for_each(|_| record(&mut encoder));
    // A small buffer to wait for; its content is not used.
    let staging = staging(gpu, 4);
    encoder.clear_buffer(&staging, 0, Some(4));
    let start = now();
    let mut readback = Readback::start(gpu, encoder, (staging, 4), scopes);
    readback.bytes(gpu).await?;
    let taken = now() - start;
    readback.end(gpu);
    Ok(taken)
}
