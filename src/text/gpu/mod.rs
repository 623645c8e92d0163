//! The transformer on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser, on the tokenizer
//! engine's device, matrix product and readback.
//!
//! ```text
//! limits ─ kernels ─ weights ─ workspace ─ stages ─ chunk
//! ```
//!
//! Texts go through in chunks of a few thousand tokens, without padding, each a submission a layer and one
//! readback, three chunks in flight.

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
use crate::engine::gpu::GpuOptions;
use crate::engine::gpu::device::Gpu;
use crate::engine::gpu::limits::{CHUNKS_IN_FLIGHT, padded};
use crate::engine::gpu::readback::{Readback, copy_back, unpad};
use crate::engine::{EngineError, EngineInfo};

/// A BERT on a GPU.
#[derive(Debug)]
pub struct TextGpu {
    gpu: Gpu,
    width: usize,
    /// Tokens of a chunk at most.
    capacity: usize,
    /// Locked while a chunk is written and submitted, so that concurrent calls do not mix.
    work: Mutex<Workspace>,
    stages: Vec<Stage>,
}

impl TextGpu {
    /// Opens a device, uploads the weights of `files`, compiles the kernels and tests them against `cpu`, which
    /// is of the same files.
    ///
    /// # Errors
    /// [`TextError::Engine`] with [`EngineError::NoGpu`], [`EngineError::Limit`], [`EngineError::Device`] or
    /// [`EngineError::SelfTest`]: in every case the CPU can run the model. Otherwise the files are damaged.
    pub async fn new(files: &TextFiles, cpu: &TextEncoder, options: &GpuOptions) -> Result<Self, TextError> {
        let architecture = &Architecture::from_json(&files.config)?;
        let longest = cpu.tokenizer().max_tokens();
        let gpu = Gpu::open(options).await?;
        let max_bytes = gpu.max_binding().min(options.max_buffer_bytes);
        let capacity = limits::chunk_tokens(architecture, longest, max_bytes, gpu.info.software)?;
        let kernels = Kernels::new(&gpu, architecture).await?;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, architecture, &files.weights);
        let work = Workspace::new(&gpu, architecture, capacity);
        let (device, kernels) = (&gpu.device, &kernels);
        let stages = weights.map(|weights| Builder { device, kernels, weights: &weights, work: &work, architecture }.stages());
        let errors = scopes.close().await;
        let stages = stages?;
        if let Some(error) = errors {
            return Err(EngineError::Device(format!("the text model could not be uploaded: {error}")).into());
        }
        let encoder = Self { gpu, width: architecture.hidden, capacity, work: Mutex::new(work), stages };
        selftest::run(&encoder, cpu.transformer(), architecture, longest).await?;
        Ok(encoder)
    }

    /// Which device this is.
    pub fn info(&self) -> EngineInfo {
        self.gpu.info.clone()
    }

    /// Ends the device, as a driver crash would: every later call fails with [`EngineError::Device`].
    pub fn destroy(&self) {
        self.gpu.device.destroy();
    }

    /// Pooled rows of each batch, see [`SentenceEncoder::forward`].
    async fn run(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, EngineError> {
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
            let (part, after) = rest.split_at(texts * self.width);
            rest = after;
            part.to_vec()
        };
        Ok(batches.iter().map(|batch| take(batch.ends.len())).collect())
    }

    /// Queues one chunk; returns without waiting.
    fn submit(&self, chunk: &Chunk) -> Result<Readback, EngineError> {
        let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
        self.gpu.check()?;
        let scopes = self.gpu.open_scopes();
        work.write(&self.gpu, chunk);
        let max = self.gpu.device.limits().max_compute_workgroups_per_dimension;
        for stage in &self.stages {
            let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
            let mut pass = encoder.begin_compute_pass(&Default::default());
            for launch in stage {
                launch.step.record(&mut pass, chunk.count(launch.over), max);
            }
            drop(pass);
            self.gpu.queue.submit([encoder.finish()]);
        }
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        let staging = copy_back(&self.gpu, &mut encoder, &[(&work.pooled, padded(self.width))], chunk.spans.len());
        Ok(Readback::start(&self.gpu, encoder, staging, scopes))
    }

    async fn finish_first(&self, pending: &mut VecDeque<Readback>) -> Result<Vec<f32>, EngineError> {
        let words = pending.pop_front().expect("a chunk is in flight").words(&self.gpu).await?;
        Ok(unpad(&words, self.width))
    }
}

impl SentenceEncoder for TextGpu {
    fn width(&self) -> usize {
        self.width
    }

    async fn forward(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, TextError> {
        Ok(self.run(batches).await?)
    }
}
