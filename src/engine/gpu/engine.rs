//! The GPU engine: chunks of rows go through the kernels, several in flight.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::buffers::Workspace;
use super::results::{Pending, record_copies};
use super::steps::{Goal, Steps};
use crate::base::parallel::map_chunks;
use crate::compute::DeviceInfo;
use crate::compute::gpu::buffers::pad_rows;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::{CHUNKS_IN_FLIGHT, padded};
use crate::compute::gpu::readback::Readback;
use crate::compute::gpu::{Tile, timing};
use crate::engine::{Engine, EngineError, Stage, Tokenized, Want, check_width, scale_rows};
use crate::model::Architecture;

/// A model on a GPU.
#[derive(Debug)]
pub struct GpuEngine {
    pub(super) gpu: Gpu,
    pub(super) model: Architecture,
    /// Most items of a chunk.
    pub(super) capacity: usize,
    /// Locked while a chunk is written and submitted, so that concurrent calls do not mix.
    pub(super) work: Mutex<Workspace>,
    pub(super) steps: Steps,
    pub(super) tile: Tile,
}

/// Rows that a thread prepares at a time.
const PART: usize = 1024;

impl GpuEngine {
    /// The shape of the matrix product's tiles.
    pub fn tile(&self) -> Tile {
        self.tile
    }

    /// Destroys the device, as a crash of the driver would: every later call fails with [`EngineError::Device`].
    pub fn destroy(&self) {
        self.gpu.device.destroy();
    }

    /// Items a second of the kernels alone, up to and including `stage`, over whole chunks of whatever was uploaded last.
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

    /// Scales rows if they are raw, and pads them for the device; in parts, on all threads.
    fn prepare(&self, rows: &[f32], raw: bool) -> Result<Vec<Vec<f32>>, EngineError> {
        let width = self.model.input;
        let parts = map_chunks(rows, PART * width, |part| {
            let scaled = if raw { scale_rows(part, width)? } else { part.to_vec() };
            Ok(if width.is_multiple_of(4) { scaled } else { pad_rows(&scaled, width) })
        });
        parts.into_iter().enumerate().map(|(i, part)| part.map_err(|error: EngineError| error.in_batch(i * PART))).collect()
    }

    /// Queues a chunk of prepared rows, and does not wait for it.
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
        let staging = record_copies(&self.gpu, &mut encoder, &work, &self.model, items, goal);
        Ok(Pending { items, goal, readback: Readback::start(&self.gpu, encoder, staging, scopes) })
    }

    /// Runs all rows, chunk by chunk: while the device computes one, the next is prepared and queued.
    async fn run(&self, rows: &[f32], raw: bool, goal: Goal) -> Result<Tokenized, EngineError> {
        check_width(rows, self.model.input)?;
        let want = if let Goal::Tokens(want) = goal { want } else { Want::default() };
        if want.reconstruction && !self.steps.reconstructs() {
            return Err(EngineError::Decoder);
        }
        let mut all = Tokenized::empty(&self.model, want);
        let mut pending = VecDeque::new();
        for (i, chunk) in rows.chunks(self.capacity * self.model.input).enumerate() {
            let parts = self.prepare(chunk, raw).map_err(|error| error.in_batch(i * self.capacity))?;
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
    fn info(&self) -> DeviceInfo {
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
        // In the same chunks as a whole run, so that the difference of their times is that of the other stages.
        self.run(rows, true, Goal::Stage(stage)).await.map(drop)
    }
}

async fn finish_first(pending: &mut VecDeque<Pending>, gpu: &Gpu, a: &Architecture) -> Result<Tokenized, EngineError> {
    pending.pop_front().expect("a chunk is in flight").finish(gpu, a).await.map_err(EngineError::from)
}
