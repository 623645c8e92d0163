//! Which GPU to take, and how much of it.

use super::tile::Tile;

/// Which devices to take, and how much of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuOptions {
    /// Graphics APIs to look at.
    pub backends: wgpu::Backends,
    /// Whether a software renderer will do. The CPU engine is faster than one.
    pub allow_software: bool,
    /// Bytes that one buffer may have, where that is less than the device allows.
    pub max_buffer_bytes: u64,
    /// The shape of the matrix product's tiles; without one, the fastest of [`Tile::ALL`], by a short measurement.
    pub tile: Option<Tile>,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self { backends: wgpu::Backends::all(), allow_software: true, max_buffer_bytes: u64::MAX, tile: None }
    }
}

impl GpuOptions {
    /// Tiles to choose from on a device. A software renderer has one speed, and compiles slowly.
    pub(crate) fn tiles(&self, software: bool) -> &[Tile] {
        let count = if software { 1 } else { Tile::ALL.len() };
        self.tile.as_ref().map_or(&Tile::ALL[..count], std::slice::from_ref)
    }
}
