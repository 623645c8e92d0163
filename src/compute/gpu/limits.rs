//! What a device allows, and how work is divided to fit it.

use crate::compute::DeviceError;

/// Chunks queued at once: one is computed while another is uploaded and a third is read back.
pub const CHUNKS_IN_FLIGHT: usize = 3;
/// Most items of one `linear` workgroup; chunks are multiples of it.
pub const TILE_ITEMS: usize = 128;
/// Bytes of workgroup memory for a slab, a part of a codebook.
pub const SLAB_BYTES: usize = 8 << 10;
/// Floating-point operations of a chunk: tenths of a second, far from any driver's watchdog
/// (llvmpipe does about half a GFLOP a second on one core).
const HARDWARE_WORK: u64 = 20_000_000_000;
const SOFTWARE_WORK: u64 = 150_000_000;
/// A model is refused if even its smallest chunk exceeds the work budget by more than this factor.
pub const WORK_SLACK: u64 = 20;

/// Floating-point operations that may be submitted together.
pub fn work_budget(software: bool) -> u64 {
    if software { SOFTWARE_WORK } else { HARDWARE_WORK }
}

/// `width` as the kernels see it: rounded up to a whole number of `vec4f`.
pub fn padded(width: usize) -> usize {
    width.next_multiple_of(4)
}

/// Bytes of an f32 array of this shape. It saturates: the numbers in a configuration are bounded, their product is not.
pub fn bytes(shape: &[usize]) -> u64 {
    shape.iter().fold(4, |product: u64, &n| product.saturating_mul(n as u64))
}

/// Checks that a device allows what a model needs; `what` names it, with its unit.
///
/// # Errors
/// [`DeviceError::Limit`], with the numbers.
pub fn check(what: &'static str, needed: u64, limit: u64) -> Result<(), DeviceError> {
    if needed <= limit { Ok(()) } else { Err(DeviceError::Limit { what, needed, limit }) }
}
