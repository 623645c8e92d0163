//! The encoder: runs chunks of tokens through the layers, several in flight.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::chunk::{Chunk, cut};
use super::limits::layers_together;
use super::stages::Stage;
use super::workspace::Workspace;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::{CHUNKS_IN_FLIGHT, padded};
use crate::compute::gpu::readback::{Readback, Values, copy_back};
use crate::compute::{DeviceError, DeviceInfo};
use crate::text::{Architecture, SentenceEncoder, TextError, TokenBatch};

/// A BERT on a GPU.
#[derive(Debug)]
pub struct TextGpu {
    pub(super) gpu: Gpu,
    pub(super) architecture: Architecture,
    /// Most tokens of a chunk.
    pub(super) capacity: usize,
    /// Locked while a chunk is written and submitted, so that concurrent calls do not mix.
    pub(super) work: Mutex<Workspace>,
    pub(super) stages: Vec<Stage>,
    /// Floating-point operations of one token in one layer.
    pub(super) layer_work: u64,
    pub(super) tile: Tile,
}

impl TextGpu {
    /// The device that runs.
    pub fn info(&self) -> DeviceInfo {
        self.gpu.info.clone()
    }

    /// The shape of the matrix product's tiles.
    pub fn tile(&self) -> Tile {
        self.tile
    }

    /// The device.
    #[cfg(feature = "cli")]
    pub(crate) fn gpu(&self) -> &Gpu {
        &self.gpu
    }

    /// Destroys the device, as a crash of the driver would: every later call fails with [`DeviceError::Stopped`].
    pub fn destroy(&self) {
        self.gpu.device.destroy();
    }

    /// As [`SentenceEncoder::forward`].
    pub(super) async fn run(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, DeviceError> {
        let mut rows = Vec::new();
        let mut pending = VecDeque::new();
        for chunk in cut(batches, self.capacity)? {
            if pending.len() == CHUNKS_IN_FLIGHT {
                rows.extend(self.finish_first(&mut pending).await?);
            }
            pending.push_back(self.submit(&chunk)?);
        }
        while !pending.is_empty() {
            rows.extend(self.finish_first(&mut pending).await?);
        }
        let mut rest = &rows[..];
        let mut take_texts = |texts: usize| {
            let (part, after) = rest.split_at(texts * self.architecture.hidden);
            rest = after;
            part.to_vec()
        };
        Ok(batches.iter().map(|batch| take_texts(batch.ends.len())).collect())
    }

    /// Submits one chunk, without waiting for its result.
    fn submit(&self, chunk: &Chunk) -> Result<Readback, DeviceError> {
        let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
        self.gpu.check()?;
        let scopes = self.gpu.open_scopes();
        work.write(&self.gpu, chunk);
        let new_encoder = || self.gpu.device.create_command_encoder(&Default::default());
        let together = layers_together(self.layer_work, chunk.tokens.len(), self.gpu.info.software);
        let mut encoder = new_encoder();
        for (i, stages) in self.stages.chunks(together).enumerate() {
            if i > 0 {
                self.gpu.queue.submit([std::mem::replace(&mut encoder, new_encoder()).finish()]);
            }
            record(stages, &self.gpu, &mut encoder, chunk);
        }
        let staging = copy_back(&self.gpu, &mut encoder, &[(&work.pooled, padded(self.architecture.hidden))], chunk.spans.len());
        Ok(Readback::start(&self.gpu, encoder, staging, scopes))
    }

    /// Waits for the result of the chunk that was submitted first.
    async fn finish_first(&self, pending: &mut VecDeque<Readback>) -> Result<Vec<f32>, DeviceError> {
        let mut first = pending.pop_front().expect("a chunk is in flight");
        let width = self.architecture.hidden;
        let bytes = first.bytes(&self.gpu).await?;
        let mut rows = vec![0f32; bytes.len() / 4 / padded(width) * width];
        Values::words(padded(width), 0, width).copy(&bytes, bytemuck::cast_slice_mut(&mut rows));
        drop(bytes);
        first.end(&self.gpu);
        Ok(rows)
    }
}

/// Records the launches of stages for a chunk.
pub(super) fn record(stages: &[Stage], gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, chunk: &Chunk) {
    let max = gpu.device.limits().max_compute_workgroups_per_dimension;
    let mut pass = encoder.begin_compute_pass(&Default::default());
    stages.iter().flatten().for_each(|launch| launch.step.record(&mut pass, chunk.count(launch.unit), max));
}

impl SentenceEncoder for TextGpu {
    fn width(&self) -> usize {
        self.architecture.hidden
    }

    async fn forward(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, TextError> {
        Ok(self.run(batches).await?)
    }
}
