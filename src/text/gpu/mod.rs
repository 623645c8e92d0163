//! The transformer on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser, on the devices,
//! the matrix product and the readback of [`crate::compute::gpu`].
//!
//! ```text
//! limits ─ kernels ─ weights ─ workspace ─ stages ─ chunk ─ encoder ─ selftest ─ open
//! ```
//!
//! Texts go through in chunks of a few thousand tokens, without padding, each a few submissions (one, where it is
//! short) and one readback, three chunks in flight.

mod chunk;
mod encoder;
mod kernels;
mod limits;
mod open;
mod selftest;
mod stages;
mod weights;
mod workspace;

pub use encoder::TextGpu;
pub use kernels::sources;
