//! The WGSL engine on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser. Same Rust,
//! same shaders.
//!
//! ```text
//! limits ─ kernels ─ buffers ─ steps ─ results ─ engine ─ selftest ─ prepared
//! ```
//!
//! Devices, the matrix product and readback are in [`crate::compute::gpu`], which the text encoder stands on too.
//!
//! Items go through in chunks, each a few dispatches and one readback, three in flight.

mod buffers;
mod engine;
mod kernels;
mod limits;
mod prepared;
mod results;
mod selftest;
mod steps;

pub use engine::GpuEngine;
pub use kernels::sources;
pub use prepared::PreparedGpu;
