//! Shapes of the matrix product, and which is the fastest here.

use std::fmt;

use super::device::Gpu;
use super::dispatch::Grid;
use super::kernels::Shape;
use super::timing;
use crate::engine::EngineError;

/// What each of the 16 × 16 invocations of a `linear` workgroup makes. Large tiles read less, small ones keep
/// more of a wide device busy: which wins differs from device to device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    /// Items, a multiple of 4.
    pub rows: usize,
    /// Outputs, in `vec4f`.
    pub columns: usize,
}

impl Tile {
    /// Every shape; the first where nothing is measured. All divide [`super::limits::TILE_ITEMS`].
    pub const ALL: [Self; 3] = [Self { rows: 8, columns: 1 }, Self { rows: 8, columns: 2 }, Self { rows: 4, columns: 1 }];

    /// Items of a workgroup.
    pub fn items(self) -> usize {
        16 * self.rows
    }

    /// Outputs of a workgroup.
    pub fn outputs(self) -> usize {
        64 * self.columns
    }

    /// Workgroups for a layer of so many outputs.
    pub fn grid(self, outputs: usize) -> Grid {
        Grid { items: self.items(), groups: outputs.div_ceil(self.outputs()) }
    }

    /// What `linear` needs to know.
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

/// How long a measurement takes, if the device is fast enough.
const SLICE: f64 = 4e-3;
/// A device that takes longer for one run is left alone.
const TOO_LONG: f64 = 25e-3;

/// Which of `candidates` ways to do the same is the fastest: `record` records one run of one.
///
/// # Errors
/// [`EngineError::Device`].
pub async fn fastest(
    gpu: &Gpu,
    candidates: usize,
    record: impl Fn(usize, &mut wgpu::CommandEncoder),
) -> Result<usize, EngineError> {
    if candidates < 2 {
        return Ok(0);
    }
    let (repeats, taken) = timing::repeats(gpu, SLICE, |encoder| record(0, encoder)).await?;
    if repeats == 1 && taken > TOO_LONG {
        return Ok(0);
    }
    let mut best = (f64::INFINITY, 0);
    // In turn, twice, so that a device that is getting faster, or hot, is so for all.
    for turn in 0..2 * candidates {
        let way = turn % candidates;
        let taken = timing::seconds(gpu, repeats, |encoder| record(way, encoder)).await?;
        if taken < best.0 {
            best = (taken, way);
        }
    }
    Ok(best.1)
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::engine::gpu::GpuOptions;

    #[test]
    fn a_measurement_ends_and_runs_every_candidate() {
        let Ok(gpu) = pollster::block_on(Gpu::open(&GpuOptions::default())) else { return };
        let runs = [const { std::cell::Cell::new(0) }; 3];
        let found = pollster::block_on(fastest(&gpu, 3, |way, _| runs[way].set(runs[way].get() + 1))).unwrap();
        assert!(found < 3);
        assert!(runs.iter().all(|count| count.get() >= 2), "{runs:?}");
        gpu.device.destroy();
        assert!(matches!(pollster::block_on(fastest(&gpu, 3, |_, _| ())), Err(EngineError::Device(_))));
    }

    #[test]
    fn tiles_fit_chunks_and_workgroup_memory() {
        for tile in Tile::ALL {
            assert!(crate::compute::gpu::limits::TILE_ITEMS.is_multiple_of(tile.items()), "{tile}");
            assert!(16 * 4 * (tile.items() + tile.outputs()) <= 16 << 10, "{tile}");
        }
        assert_eq!(Tile::ALL[0].to_string(), "128×64");
    }
}
