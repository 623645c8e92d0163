//! Shapes of the matrix product's tiles.
//!
//! Large tiles read each operand less often; small ones keep more of a wide device busy. Which shape wins differs from device
//! to device, so it is measured at start-up ([`super::fastest`]).

use std::fmt;

use super::dispatch::Grid;
use super::shape::Shape;

/// What a `linear` workgroup computes, in pieces of 8 × 8 by each invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Items, a multiple of 32.
    pub rows: usize,
    /// Outputs, a multiple of 32.
    pub outputs: usize,
}

impl Tile {
    /// Every shape, the first for devices that are not measured. Their items divide [`super::limits::TILE_ITEMS`].
    pub const ALL: [Self; 3] =
        [Self { rows: 64, outputs: 64 }, Self { rows: 128, outputs: 128 }, Self { rows: 128, outputs: 64 }];

    /// Invocations of a workgroup.
    fn threads(self) -> usize {
        self.rows / 8 * (self.outputs / 8)
    }

    /// Workgroups for a layer with `outputs` outputs.
    pub fn grid(self, outputs: usize) -> Grid {
        Grid { items: self.rows, groups: outputs.div_ceil(self.outputs) }
    }

    /// The specialisation of `linear`.
    pub fn shape(self) -> Shape {
        let Self { rows, outputs } = self;
        let threads = self.threads();
        // An operand's buffer is of eight inputs, two vec4f of each item or output.
        let loads = |width: usize| 2 * width / threads;
        Shape {
            constants: format!("const ROWS = {rows}u;\nconst OUTPUTS = {outputs}u;\nconst THREADS = {threads}u;\n"),
            repeats: vec![("$j", 2), ("$e", 4), ("$m", 2), ("$f", 4), ("$q", 2), ("$x", loads(rows)), ("$w", loads(outputs))],
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.rows, self.outputs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::gpu::limits::TILE_ITEMS;

    #[test]
    fn tiles_fit_chunks_and_workgroup_memory() {
        for tile in Tile::ALL {
            assert!(TILE_ITEMS.is_multiple_of(tile.rows), "{tile}");
            assert!(2 * 8 * 4 * (tile.rows + tile.outputs) <= 16 << 10, "{tile}");
            assert!(tile.threads() <= 256 && (2 * tile.rows.min(tile.outputs)).is_multiple_of(tile.threads()), "{tile}");
        }
        assert_eq!(Tile::ALL[0].to_string(), "64×64");
    }
}
