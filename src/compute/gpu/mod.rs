//! GPUs by plain wgpu: devices, buffers, launches, and the matrix product that the tokenizer and the text encoder share.

pub(crate) mod buffers;
pub(crate) mod device;
pub(crate) mod dispatch;
mod halves;
pub(crate) mod kernels;
pub mod limits;
pub(crate) mod readback;
pub(crate) mod tiles;
pub(crate) mod timing;
pub(crate) mod wgsl;

pub use kernels::sources;
pub use tiles::Tile;
