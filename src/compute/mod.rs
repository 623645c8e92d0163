//! Computing that knows nothing of tokenizers: matrix products and SIMD on the CPU, devices and kernels on GPUs, statistics.

pub mod cpu;
mod device;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod stats;

pub use device::{Device, DeviceError, DeviceInfo};
