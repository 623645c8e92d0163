//! Shapes of the matrix product's tiles.
//!
//! Large tiles read each operand less often; small ones keep more of a wide device busy. Which shape wins differs from device
//! to device, so it is measured at start-up ([`super::fastest`]).

use std::fmt;

use super::dispatch::Grid;
use super::shape::Shape;

/// What each of the 16 × 16 invocations of a `linear` workgroup computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Items, a multiple of 4.
    pub rows: usize,
    /// Outputs, in `vec4f`.
    pub columns: usize,
}

impl Tile {
    /// Every shape, the first for devices that are not measured. Their items divide [`super::limits::TILE_ITEMS`].
    pub const ALL: [Self; 3] = [Self { rows: 8, columns: 1 }, Self { rows: 8, columns: 2 }, Self { rows: 4, columns: 1 }];

    /// Items of a whole workgroup.
    pub fn items(self) -> usize {
        16 * self.rows
    }

    /// Outputs of a whole workgroup.
    pub fn outputs(self) -> usize {
        64 * self.columns
    }

    /// Workgroups for a layer with `outputs` outputs.
    pub fn grid(self, outputs: usize) -> Grid {
        Grid { items: self.items(), groups: outputs.div_ceil(self.outputs()) }
    }

    /// The specialisation of `linear`.
    pub fn shape(self) -> Shape {
        Shape {
            constants: format!("const ROWS = {}u;\nconst COLUMNS = {}u;\n", self.rows, self.columns),
            repeats: vec![("$l", self.rows / 4), ("$j", self.columns), ("$i", self.rows)],
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.items(), self.outputs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compute::gpu::limits::TILE_ITEMS;

    #[test]
    fn tiles_fit_chunks_and_workgroup_memory() {
        for tile in Tile::ALL {
            assert!(TILE_ITEMS.is_multiple_of(tile.items()), "{tile}");
            assert!(16 * 4 * (tile.items() + tile.outputs()) <= 16 << 10, "{tile}");
        }
        assert_eq!(Tile::ALL[0].to_string(), "128×64");
    }
}
