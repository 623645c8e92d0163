//! The transformer on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser, on the devices,
//! the matrix product and the readback of [`crate::compute::gpu`].
//!
//! ```text
//! limits ─ kernels ─ weights ─ workspace ─ stages ─ chunk ─ encoder ─ selftest ─ open
//! ```
//!
//! Texts run in chunks of a few thousand tokens, without padding. A chunk takes one readback, and several submissions unless
//! it is short. Three chunks are in flight.
//!
//! The matrix product is the tokenizer engine's, with GELU in place of ReLU. Four kernels in `shaders/text` are added:
//! `embed`, `attention`, `layer_norm` and `pool`. Attention keeps a running softmax over slabs of keys, four at a time, so no
//! score is stored. Layers whose weights f16 holds exactly are stored in halves ([`crate::compute::gpu`]); all other weights
//! are f32 on the device.

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
