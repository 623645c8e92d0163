//! Computing without knowledge of tokenizers: matrix products and SIMD on the CPU, devices and kernels on GPUs, statistics.

pub mod cpu;
#[cfg(feature = "gpu")]
pub mod gpu;
pub mod stats;
