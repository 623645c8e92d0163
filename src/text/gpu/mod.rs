//! The transformer on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser, on the tokenizer
//! engine's device, matrix product and readback.
//!
//! ```text
//! limits ─ kernels ─ weights ─ workspace ─ stages ─ chunk
//! ```
//!
//! Texts go through in chunks of a few thousand tokens, without padding, each a few submissions (one, where it is
//! short) and one readback, three chunks in flight.

mod chunk;
mod kernels;
mod limits;
mod selftest;
mod stages;
mod weights;
mod workspace;

use std::collections::VecDeque;
use std::sync::Mutex;

use chunk::Chunk;
use kernels::Kernels;
pub use kernels::sources;
use stages::{Builder, Stage};
use weights::Weights;
use workspace::Workspace;

use super::{Architecture, SentenceEncoder, TextEncoder, TextError, TextFiles, TokenBatch};
use crate::compute::gpu::GpuOptions;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::fastest::fastest;
use crate::compute::gpu::limits::{CHUNKS_IN_FLIGHT, padded};
use crate::compute::gpu::readback::{Readback, copy_back, unpad};
use crate::compute::{DeviceError, DeviceInfo};

/// A BERT on a GPU.
#[derive(Debug)]
pub struct TextGpu {
    gpu: Gpu,
    architecture: Architecture,
    /// Tokens of a chunk at most.
    capacity: usize,
    /// Locked while a chunk is written and submitted, so that concurrent calls do not mix.
    work: Mutex<Workspace>,
    stages: Vec<Stage>,
    /// Floating-point operations for one token in one layer.
    layer_work: u64,
    tile: Tile,
}

/// Tokens over which the shapes of the matrix product are timed.
const TIMED_TOKENS: usize = 2048;

impl TextGpu {
    /// Opens a device, uploads the weights of `files`, compiles the kernels and tests them against `cpu`, which
    /// is of the same files.
    ///
    /// # Errors
    /// [`TextError::Device`] with [`DeviceError::NoGpu`], [`DeviceError::Limit`], [`DeviceError::Stopped`] or
    /// [`DeviceError::SelfTest`]: in every case the CPU can run the model. Otherwise the files are damaged.
    pub async fn new(files: &TextFiles, cpu: &TextEncoder, options: &GpuOptions) -> Result<Self, TextError> {
        let architecture = &Architecture::from_json(&files.config)?;
        let longest = cpu.tokenizer().max_tokens();
        let gpu = Gpu::open(options).await?;
        let max_bytes = gpu.max_binding().min(options.max_buffer_bytes);
        let capacity = limits::chunk_tokens(architecture, longest, max_bytes, gpu.info.software)?;
        let kernels = &Kernels::new(&gpu, architecture, options.tiles(gpu.info.software)).await?;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, architecture, &files.weights);
        let work = Workspace::new(&gpu, architecture, capacity);
        let ways = weights.map(|weights| {
            let (device, weights, work) = (&gpu.device, &weights, &work);
            let builders = kernels.linear.iter().map(|linear| Builder { device, kernels, linear, weights, work, architecture });
            builders.map(|builder| (builder.stages(), builder.products())).collect::<Vec<_>>()
        });
        let errors = scopes.close().await;
        let mut ways = ways?;
        if let Some(error) = errors {
            return Err(DeviceError::Stopped(format!("the text model could not be uploaded: {error}")).into());
        }
        let timed = Chunk::of_length(capacity.min(TIMED_TOKENS));
        work.write(&gpu, &timed);
        let fastest = fastest(&gpu, ways.len(), |way, encoder| {
            record(std::slice::from_ref(&ways[way].1), &gpu, encoder, &timed);
        });
        let fastest = fastest.await?;
        let (stages, _) = ways.swap_remove(fastest);
        let layer_work = limits::work_per_token(architecture, longest);
        let (work, tile) = (Mutex::new(work), kernels.linear[fastest].tile);
        let encoder = Self { gpu, architecture: architecture.clone(), capacity, layer_work, work, stages, tile };
        selftest::run(&encoder, cpu.transformer(), architecture, longest).await?;
        Ok(encoder)
    }

    /// Which device this is.
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

    /// Ends the device, as a driver crash would: every later call fails with [`DeviceError::Stopped`].
    pub fn destroy(&self) {
        self.gpu.device.destroy();
    }

    /// Pooled rows of each batch, see [`SentenceEncoder::forward`].
    async fn run(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, DeviceError> {
        let mut rows = Vec::new();
        let mut pending = VecDeque::new();
        for chunk in chunk::cut(batches, self.capacity)? {
            if pending.len() == CHUNKS_IN_FLIGHT {
                rows.extend(self.finish_first(&mut pending).await?);
            }
            pending.push_back(self.submit(&chunk)?);
        }
        while !pending.is_empty() {
            rows.extend(self.finish_first(&mut pending).await?);
        }
        let mut rest = &rows[..];
        let mut take = |texts: usize| {
            let (part, after) = rest.split_at(texts * self.architecture.hidden);
            rest = after;
            part.to_vec()
        };
        Ok(batches.iter().map(|batch| take(batch.ends.len())).collect())
    }

    /// Queues one chunk; returns without waiting.
    fn submit(&self, chunk: &Chunk) -> Result<Readback, DeviceError> {
        let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
        self.gpu.check()?;
        let scopes = self.gpu.open_scopes();
        work.write(&self.gpu, chunk);
        let new_encoder = || self.gpu.device.create_command_encoder(&Default::default());
        let together = limits::layers_together(self.layer_work, chunk.tokens.len(), self.gpu.info.software);
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

    async fn finish_first(&self, pending: &mut VecDeque<Readback>) -> Result<Vec<f32>, DeviceError> {
        let words = pending.pop_front().expect("a chunk is in flight").words(&self.gpu).await?;
        Ok(unpad(&words, self.architecture.hidden))
    }
}

/// Records the launches of stages for a chunk.
fn record(stages: &[Stage], gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, chunk: &Chunk) {
    let max = gpu.device.limits().max_compute_workgroups_per_dimension;
    let mut pass = encoder.begin_compute_pass(&Default::default());
    stages.iter().flatten().for_each(|launch| launch.step.record(&mut pass, chunk.count(launch.over), max));
}

impl SentenceEncoder for TextGpu {
    fn width(&self) -> usize {
        self.architecture.hidden
    }

    async fn forward(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, TextError> {
        Ok(self.run(batches).await?)
    }
}
