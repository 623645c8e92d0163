//! How long a device takes for some launches.

use super::buffers::create;
use super::device::Gpu;
use super::readback::Readback;
use crate::base::clock::now;
use crate::compute::DeviceError;

const MOST_REPEATS: usize = 256;

/// How often the launches of `record` must be repeated to take longer than `least` seconds (a power of two, at most 256), and
/// how many seconds that took.
///
/// # Errors
/// [`DeviceError::Stopped`].
pub async fn repeats(gpu: &Gpu, least: f64, record: impl Fn(&mut wgpu::CommandEncoder)) -> Result<(usize, f64), DeviceError> {
    // The first run is slower than any other.
    seconds(gpu, 1, &record).await?;
    let mut repeats = 1;
    loop {
        let taken = seconds(gpu, repeats, &record).await?;
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
pub async fn seconds(gpu: &Gpu, repeats: usize, record: impl Fn(&mut wgpu::CommandEncoder)) -> Result<f64, DeviceError> {
    let scopes = gpu.open_scopes();
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    (0..repeats).for_each(|_| record(&mut encoder));
    // A small buffer to wait for; its content is not used.
    let staging = create(gpu, "done", 4, wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
    encoder.clear_buffer(&staging, 0, None);
    let start = now();
    Readback::start(gpu, encoder, staging, scopes).read(gpu, |_| ()).await?;
    Ok(now() - start)
}
