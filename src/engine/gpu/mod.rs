//! The GPU engine, through wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser, with the same Rust and the same shaders.
//!
//! ```text
//! limits ─ codebook ─ kernels ─ buffers ─ steps ─ results ─ engine ─ selftest ─ prepared
//! ```
//!
//! Devices, the matrix product and readback are in [`crate::compute::gpu`], which the text encoder uses too.
//!
//! Items go through in chunks. Each chunk is a few launches and one readback, and up to three chunks are in flight. While the
//! device computes one, all threads of the host scale the next.
//!
//! The kernels, in order: `linear` once a layer of the encoder (bias and ReLU while the sums are in registers); `route`
//! (softmax, top N, and the items of each expert listed together, so that a workgroup of the next kernel needs one
//! codebook); `quantize` (all levels in one launch, each a matrix product of residuals and codes); codes come back packed,
//! margins and residual norms only where they are asked for;
//! and on request `mix` (ẑ), the decoder's layers, and `error` (reconstruction).

mod buffers;
mod codebook;
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
