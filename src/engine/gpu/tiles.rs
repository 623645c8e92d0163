//! Shapes of the matrix product, and which is the fastest here.

use std::fmt;

use super::buffers::create;
use super::device::Gpu;
use super::dispatch::Grid;
use super::kernels::Shape;
use super::readback::Readback;
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
const MOST_REPEATS: usize = 256;

/// Which of `candidates` ways to do the same is the fastest: `record` records one run of one. A software renderer
/// is not measured: the first way is its.
///
/// # Errors
/// [`EngineError::Device`].
pub async fn fastest(
    gpu: &Gpu,
    candidates: usize,
    record: impl Fn(usize, &mut wgpu::ComputePass<'_>),
) -> Result<usize, EngineError> {
    if candidates < 2 || gpu.info.software { Ok(0) } else { measured(gpu, candidates, record).await }
}

async fn measured(
    gpu: &Gpu,
    candidates: usize,
    record: impl Fn(usize, &mut wgpu::ComputePass<'_>),
) -> Result<usize, EngineError> {
    // The first run is slower than any other.
    seconds(gpu, 1, |pass| record(0, pass)).await?;
    let mut repeats = 1;
    loop {
        let taken = seconds(gpu, repeats, |pass| record(0, pass)).await?;
        if taken > TOO_LONG && repeats == 1 {
            return Ok(0);
        }
        if taken > SLICE || repeats >= MOST_REPEATS {
            break;
        }
        repeats *= 2;
    }
    let mut best = vec![f64::INFINITY; candidates];
    // In turn, so that a device that is getting faster, or hot, is so for all.
    for _ in 0..2 {
        for (candidate, best) in best.iter_mut().enumerate() {
            *best = best.min(seconds(gpu, repeats, |pass| record(candidate, pass)).await?);
        }
    }
    Ok((0..candidates).min_by(|&a, &b| best[a].total_cmp(&best[b])).unwrap_or(0))
}

/// Seconds from submission to answer of `repeats` times what `record` records.
///
/// # Errors
/// [`EngineError::Device`].
pub async fn seconds(gpu: &Gpu, repeats: usize, record: impl Fn(&mut wgpu::ComputePass<'_>)) -> Result<f64, EngineError> {
    let scopes = gpu.open_scopes();
    let mut encoder = gpu.device.create_command_encoder(&Default::default());
    let mut pass = encoder.begin_compute_pass(&Default::default());
    (0..repeats).for_each(|_| record(&mut pass));
    drop(pass);
    // Something small to wait for: nobody reads it.
    let staging = create(gpu, "done", 4, wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
    encoder.clear_buffer(&staging, 0, None);
    let start = now();
    Readback::start(gpu, encoder, staging, scopes).words(gpu).await?;
    Ok(now() - start)
}

/// Seconds from some moment on.
#[cfg(not(target_arch = "wasm32"))]
fn now() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64()
}

/// Browsers have a clock of their own, in milliseconds and rounded to a tenth or so.
#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
fn now() -> f64 {
    use wasm_bindgen::prelude::*;
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }
    now() * 1e-3
}

#[cfg(all(target_arch = "wasm32", not(feature = "bindings")))]
fn now() -> f64 {
    0.0
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use super::*;
    use crate::engine::gpu::GpuOptions;

    #[test]
    fn a_measurement_ends_and_runs_every_candidate() {
        let Ok(gpu) = pollster::block_on(Gpu::open(&GpuOptions::default())) else { return };
        let runs = [const { std::cell::Cell::new(0) }; 3];
        let found = pollster::block_on(measured(&gpu, 3, |way, _| runs[way].set(runs[way].get() + 1))).unwrap();
        assert!(found < 3);
        assert!(runs.iter().all(|count| count.get() >= 2), "{runs:?}");
        gpu.device.destroy();
        assert!(matches!(pollster::block_on(measured(&gpu, 3, |_, _| ())), Err(EngineError::Device(_))));
    }

    #[test]
    fn tiles_fit_chunks_and_workgroup_memory() {
        for tile in Tile::ALL {
            assert!(crate::engine::gpu::limits::TILE_ITEMS.is_multiple_of(tile.items()), "{tile}");
            assert!(16 * 4 * (tile.items() + tile.outputs()) <= 16 << 10, "{tile}");
        }
        assert_eq!(Tile::ALL[0].to_string(), "128×64");
    }
}
