//! The WGSL engine on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser. Same Rust,
//! same shaders.
//!
//! ```text
//! limits ─ device ─ kernels ─ buffers ─ dispatch ─ steps ─ readback
//! ```
//!
//! The text encoder (`text::gpu`) is built of the same parts.
//!
//! Items go through in chunks, each a few dispatches and one readback, three in flight.

mod prepared;
mod selftest;
pub(crate) mod steps;

use std::collections::VecDeque;
use std::sync::Mutex;

pub use crate::compute::gpu::Tile;
use crate::compute::gpu::buffers::{Workspace, pad_rows};
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::{CHUNKS_IN_FLIGHT, padded};
use crate::compute::gpu::readback::{Pending, Readback};
pub use crate::compute::gpu::sources;
pub use prepared::PreparedGpu;
use steps::{Goal, Steps};

use super::{Engine, EngineError, EngineInfo, Stage, Tokenized, Want, check_width, scale_rows};
use crate::base::parallel::map_chunks;
use crate::compute::gpu::{readback, timing};
use crate::model::Architecture;
use crate::model::Model;

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

/// A model on a GPU.
#[derive(Debug)]
pub struct GpuEngine {
    gpu: Gpu,
    model: Architecture,
    /// Items of a chunk at most.
    capacity: usize,
    /// Locked while a chunk is written and submitted, so that concurrent calls do not mix.
    work: Mutex<Workspace>,
    steps: Steps,
    tile: Tile,
}

/// Rows that one thread prepares at a time.
const PART: usize = 1024;

impl GpuEngine {
    /// Opens a device, uploads `model`, compiles the kernels and tests them against the CPU engine.
    ///
    /// # Errors
    /// [`EngineError::NoGpu`], [`EngineError::Limit`], [`EngineError::Device`] or
    /// [`EngineError::SelfTest`]: in every case the CPU engine can run the model.
    pub async fn new(model: &Model, options: &GpuOptions) -> Result<Self, EngineError> {
        PreparedGpu::open(&model.config.model, options).await?.load(model).await
    }

    /// The shape of the matrix product's tiles.
    pub fn tile(&self) -> Tile {
        self.tile
    }

    /// Ends the device, as a driver crash would: every later call fails with [`EngineError::Device`].
    pub fn destroy(&self) {
        self.gpu.device.destroy();
    }

    /// Items a second of the kernels alone, up to and including `stage`: whole chunks of what was uploaded last.
    ///
    /// # Errors
    /// [`EngineError::Device`].
    pub async fn kernel_rate(&self, stage: Stage) -> Result<f64, EngineError> {
        let counts = {
            let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
            work.set_items(&self.gpu, self.capacity);
            work.counts.clone()
        };
        let record = |encoder: &mut wgpu::CommandEncoder| {
            encoder.clear_buffer(&counts, 0, None);
            self.steps.record(&self.gpu, encoder, self.capacity, Goal::Stage(stage));
        };
        let (repeats, seconds) = timing::repeats(&self.gpu, 0.1, record).await?;
        Ok((repeats * self.capacity) as f64 / seconds)
    }

    /// The device.
    #[cfg(feature = "cli")]
    pub(crate) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Makes rows ready for the device: scaled if they are raw, padded; on all threads, a part each.
    fn prepare(&self, rows: &[f32], raw: bool) -> Result<Vec<Vec<f32>>, EngineError> {
        let width = self.model.input;
        let parts = map_chunks(rows, PART * width, |part| {
            let scaled = if raw { scale_rows(part, width)? } else { part.to_vec() };
            Ok(if width.is_multiple_of(4) { scaled } else { pad_rows(&scaled, width) })
        });
        parts.into_iter().enumerate().map(|(i, part)| part.map_err(|error: EngineError| error.after(i * PART))).collect()
    }

    /// Queues one chunk of prepared rows; returns without waiting.
    fn submit(&self, parts: &[Vec<f32>], goal: Goal) -> Result<Pending, EngineError> {
        let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
        self.gpu.check()?;
        let scopes = self.gpu.open_scopes();
        let mut bytes = 0;
        for part in parts {
            self.gpu.queue.write_buffer(&work.x, bytes, bytemuck::cast_slice(part));
            bytes += size_of_val(&part[..]) as u64;
        }
        let items = bytes as usize / (4 * padded(self.model.input));
        work.set_items(&self.gpu, items);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        encoder.clear_buffer(&work.counts, 0, None);
        self.steps.record(&self.gpu, &mut encoder, items, goal);
        let staging = readback::record_copies(&self.gpu, &mut encoder, &work, &self.model, items, goal);
        Ok(Pending { items, goal, readback: Readback::start(&self.gpu, encoder, staging, scopes) })
    }

    /// All rows, chunk by chunk: while the device computes, the next chunk is prepared and queued.
    async fn run(&self, rows: &[f32], raw: bool, goal: Goal) -> Result<Tokenized, EngineError> {
        check_width(rows, self.model.input)?;
        let want = if let Goal::Tokens(want) = goal { want } else { Want::default() };
        let mut all = Tokenized::empty(&self.model, want);
        let mut pending = VecDeque::new();
        for (i, chunk) in rows.chunks(self.capacity * self.model.input).enumerate() {
            let parts = self.prepare(chunk, raw).map_err(|error| error.after(i * self.capacity))?;
            if pending.len() == CHUNKS_IN_FLIGHT {
                all.append(finish_first(&mut pending, &self.gpu, &self.model).await?);
            }
            pending.push_back(self.submit(&parts, goal)?);
        }
        while !pending.is_empty() {
            all.append(finish_first(&mut pending, &self.gpu, &self.model).await?);
        }
        Ok(all)
    }
}

impl Engine for GpuEngine {
    fn info(&self) -> EngineInfo {
        self.gpu.info.clone()
    }

    fn input_width(&self) -> usize {
        self.model.input
    }

    async fn tokenize(&self, rows: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        self.run(rows, true, Goal::Tokens(want)).await
    }

    async fn tokenize_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        self.run(scaled, false, Goal::Tokens(want)).await
    }

    async fn run_until(&self, rows: &[f32], stage: Stage) -> Result<(), EngineError> {
        // In the same chunks as a whole run, so that the difference is what the rest takes.
        self.run(rows, true, Goal::Stage(stage)).await.map(drop)
    }
}

async fn finish_first(pending: &mut VecDeque<Pending>, gpu: &Gpu, a: &Architecture) -> Result<Tokenized, EngineError> {
    pending.pop_front().expect("a chunk is in flight").finish(gpu, a).await
}
