//! Which GPU to use, and how much of it.

use super::tile::Tile;

/// Which devices may be used, and how much of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuOptions {
    /// Graphics APIs to try.
    pub backends: wgpu::Backends,
    /// Whether a software renderer may be used. The CPU engine is faster than one.
    pub allow_software: bool,
    /// Most bytes of one buffer, if less than the device allows.
    pub max_buffer_bytes: u64,
    /// The shape of the matrix product's tiles. `None` takes the fastest of [`Tile::ALL`], by a short measurement.
    pub tile: Option<Tile>,
    /// Items of a chunk, up to what the device allows. `None` chooses by a short measurement. Results do not depend on it.
    pub chunk_items: Option<usize>,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self { backends: wgpu::Backends::all(), allow_software: true, max_buffer_bytes: u64::MAX, tile: None, chunk_items: None }
    }
}

impl GpuOptions {
    /// Tiles to choose from on a device: on a software renderer only the first, because it compiles slowly and the tile makes
    /// no difference to its speed.
    pub(crate) fn tiles(&self, software: bool) -> &[Tile] {
        let count = if software { 1 } else { Tile::ALL.len() };
        self.tile.as_ref().map_or(&Tile::ALL[..count], std::slice::from_ref)
    }
}
