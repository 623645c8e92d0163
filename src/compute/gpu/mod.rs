//! GPUs through wgpu: devices, buffers, launches, and the matrix product that the tokenizer and the text encoder share.
//!
//! ```text
//! options ─ limits ─ staging ─ device ─ kernels (shape, tile, wgsl) ─ buffers (halves) ─ dispatch ─ readback
//! ```

pub(crate) mod buffers;
pub(crate) mod device;
pub(crate) mod dispatch;
pub(crate) mod fastest;
mod halves;
pub(crate) mod kernels;
pub mod limits;
mod options;
pub(crate) mod readback;
pub(crate) mod shape;
mod staging;
mod tile;
pub(crate) mod timing;
pub(crate) mod wgsl;

pub use options::GpuOptions;
pub use tile::Tile;
