//! The GPU engine: chunks of rows go through the kernels, several in flight.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Mutex;

use super::buffers::Workspace;
use super::limits::USUAL_ITEMS;
use super::results::{Pending, record_copies, zeroed};
use super::steps::{Goal, Steps};
use crate::base::parallel::try_chunks;
use crate::compute::DeviceInfo;
use crate::compute::gpu::buffers::pad_rows;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::{CHUNKS_IN_FLIGHT, TILE_ITEMS, padded};
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
        let (repeats, seconds) = timing::repeats(&self.gpu, 0.1, &record).await?;
        Ok((repeats * self.capacity) as f64 / seconds)
    }

    /// Number of buffers that were created on the device. A run whose results are no larger than those of an earlier one
    /// creates none.
    #[cfg(feature = "cli")]
    pub fn buffers_created(&self) -> usize {
        self.gpu.buffers_created()
    }

    /// The device.
    #[cfg(feature = "cli")]
    pub(crate) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Items of a chunk where there are `items` in all: what the device likes best, unless that would leave it idle while rows
    /// are uploaded and results read.
    fn chunk_items(&self, items: usize) -> usize {
        let share = items.div_ceil(CHUNKS_IN_FLIGHT).next_multiple_of(TILE_ITEMS);
        share.max(USUAL_ITEMS).min(self.capacity)
    }

    /// Queues the upload of `rows`, scaled if they are raw, and padded: in parts, on all threads.
    fn upload(&self, work: &Workspace, rows: &[f32], raw: bool) -> Result<(), EngineError> {
        let width = self.model.input;
        let part = part_rows(width);
        try_chunks(rows, part * width, |i, rows| {
            let mut prepared = Cow::Borrowed(rows);
            if raw {
                prepared = Cow::Owned(scale_rows(rows, width).map_err(|error| error.in_batch(i * part))?);
            }
            if !width.is_multiple_of(4) {
                prepared = Cow::Owned(pad_rows(&prepared, width));
            }
            let offset = (i * part * padded(width) * 4) as u64;
            self.gpu.queue.write_buffer(&work.x, offset, bytemuck::cast_slice(&prepared));
            Ok(())
        })
    }

    /// Queues a chunk of rows, of which the first has number `first` among all, and does not wait for it.
    fn submit(&self, rows: &[f32], raw: bool, goal: Goal, first: usize) -> Result<Pending, EngineError> {
        let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
        self.gpu.check()?;
        self.upload(&work, rows, raw).map_err(|error| error.in_batch(first))?;
        let scopes = self.gpu.open_scopes();
        let items = rows.len() / self.model.input;
        work.set_items(&self.gpu, items);
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        encoder.clear_buffer(&work.counts, 0, None);
        self.steps.record(&self.gpu, &mut encoder, items, goal);
        let staging = record_copies(&self.gpu, &mut encoder, &work, &self.model, items, goal);
        Ok(Pending { first, items, goal, readback: Readback::start(&self.gpu, encoder, staging, scopes) })
    }

    /// Runs all rows, chunk by chunk: while the device computes one, the next is scaled and queued.
    async fn run(&self, rows: &[f32], raw: bool, goal: Goal) -> Result<Tokenized, EngineError> {
        let width = self.model.input;
        check_width(rows, width)?;
        let mut all = match goal {
            Goal::Tokens(want) if want.reconstruction && !self.steps.reconstructs() => return Err(EngineError::Decoder),
            Goal::Tokens(want) => zeroed(&self.model, want, rows.len() / width),
            Goal::Stage(_) => Tokenized::default(),
        };
        let mut pending = VecDeque::new();
        let items = self.chunk_items(rows.len() / width);
        for (i, chunk) in rows.chunks(items * width).enumerate() {
            if pending.len() == CHUNKS_IN_FLIGHT {
                self.finish_first(&mut pending, &mut all).await?;
            }
            pending.push_back(self.submit(chunk, raw, goal, i * items)?);
        }
        while !pending.is_empty() {
            self.finish_first(&mut pending, &mut all).await?;
        }
        Ok(all)
    }

    async fn finish_first(&self, pending: &mut VecDeque<Pending>, all: &mut Tokenized) -> Result<(), EngineError> {
        let first = pending.pop_front().expect("a chunk is in flight");
        Ok(first.finish(&self.gpu, &self.model, all).await?)
    }
}

/// Rows that a thread prepares at a time: about a megabyte.
fn part_rows(width: usize) -> usize {
    ((1 << 18) / width).max(1)
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
