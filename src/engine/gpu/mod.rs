//! The WGSL engine on plain wgpu: Vulkan, Metal or D3D12 natively, WebGPU in a browser. Same Rust,
//! same shaders.
//!
//! ```text
//! limits ─ device ─ kernels ─ buffers ─ dispatch ─ readback
//! ```
//!
//! The text encoder (`text::gpu`) is built of the same parts.
//!
//! Items go through in chunks, each a few dispatches and one readback, three in flight.

pub(crate) mod buffers;
pub(crate) mod device;
pub(crate) mod dispatch;
pub(crate) mod kernels;
pub mod limits;
pub(crate) mod readback;
mod selftest;

use std::collections::VecDeque;
use std::sync::Mutex;

use buffers::{Layer, Weights, Workspace, pad_rows};
use device::Gpu;
use dispatch::{Grid, Step};
use kernels::Kernels;
pub use kernels::sources;
use limits::{CHUNKS_IN_FLIGHT, GROUP, TILE_ITEMS, TILE_OUTPUTS, padded};
use readback::{Pending, Readback};

use super::{Engine, EngineError, EngineInfo, Stage, Tokenized, Want, check_width, scale_rows};
use crate::config::Architecture;
use crate::weights::Model;

/// Which devices to take, and how much of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuOptions {
    /// Graphics APIs to look at.
    pub backends: wgpu::Backends,
    /// Whether a software renderer will do. The CPU engine is faster than one.
    pub allow_software: bool,
    /// Bytes that one buffer may have, where that is less than the device allows.
    pub max_buffer_bytes: u64,
}

impl Default for GpuOptions {
    fn default() -> Self {
        Self { backends: wgpu::Backends::all(), allow_software: true, max_buffer_bytes: u64::MAX }
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
}

/// How far a chunk goes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// To its tokens, which are read back.
    Tokens(Want),
    /// To the end of a stage, where it is left.
    Stage(Stage),
}

/// The launches of a chunk, in order.
#[derive(Debug)]
struct Steps {
    /// Encoder, router, quantizers.
    tokenize: Vec<Step>,
    /// How many of them are the encoder's.
    encode: usize,
    /// `ẑ`.
    mix: Step,
    /// Decoder and error.
    reconstruct: Vec<Step>,
}

impl GpuEngine {
    /// Opens a device, uploads `model`, compiles the kernels and tests them against the CPU engine.
    ///
    /// # Errors
    /// [`EngineError::NoGpu`], [`EngineError::Limit`], [`EngineError::Device`] or
    /// [`EngineError::SelfTest`]: in every case the CPU engine can run the model.
    pub async fn new(model: &Model, options: &GpuOptions) -> Result<Self, EngineError> {
        let gpu = Gpu::open(options).await?;
        let a = model.config.model.clone();
        let capacity = limits::chunk_items(&a, gpu.max_binding().min(options.max_buffer_bytes), gpu.info.software)?;
        let kernels = Kernels::new(&gpu, &a).await?;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, model);
        let work = Workspace::new(&gpu, model, capacity);
        let steps = Steps::new(&gpu.device, &kernels, &weights, &work, &a);
        if let Some(error) = scopes.close().await {
            return Err(EngineError::Device(format!("the model could not be uploaded: {error}")));
        }
        let engine = Self { gpu, model: a, capacity, work: Mutex::new(work), steps };
        selftest::run(&engine, model).await?;
        Ok(engine)
    }

    /// Ends the device, as a driver crash would: every later call fails with [`EngineError::Device`].
    pub fn destroy(&self) {
        self.gpu.device.destroy();
    }

    /// Queues one chunk of scaled rows; returns without waiting.
    fn submit(&self, scaled: &[f32], goal: Goal) -> Result<Pending, EngineError> {
        let work = self.work.lock().unwrap_or_else(|e| e.into_inner());
        self.gpu.check()?;
        let items = scaled.len() / self.model.input;
        let scopes = self.gpu.open_scopes();
        self.gpu.queue.write_buffer(&work.batch, 0, bytemuck::cast_slice(&[items as u32, 0, 0, 0]));
        if self.model.input == padded(self.model.input) {
            self.gpu.queue.write_buffer(&work.x, 0, bytemuck::cast_slice(scaled));
        } else {
            self.gpu.queue.write_buffer(&work.x, 0, bytemuck::cast_slice(&pad_rows(scaled, self.model.input)));
        }
        let mut encoder = self.gpu.device.create_command_encoder(&Default::default());
        encoder.clear_buffer(&work.counts, 0, None);
        self.record(&mut encoder, items, goal);
        let staging = readback::record_copies(&self.gpu, &mut encoder, &work, &self.model, items, goal);
        Ok(Pending { items, goal, readback: Readback::start(&self.gpu, encoder, staging, scopes) })
    }

    fn record(&self, encoder: &mut wgpu::CommandEncoder, items: usize, goal: Goal) {
        let max = self.gpu.device.limits().max_compute_workgroups_per_dimension;
        let mut pass = encoder.begin_compute_pass(&Default::default());
        for step in self.steps.to(goal) {
            step.record(&mut pass, items, max);
        }
    }

    async fn run(&self, scaled: &[f32], goal: Goal) -> Result<Tokenized, EngineError> {
        let want = if let Goal::Tokens(want) = goal { want } else { Want::default() };
        let mut all = Tokenized::empty(&self.model, want);
        let mut pending = VecDeque::new();
        for chunk in scaled.chunks(self.capacity * self.model.input) {
            if pending.len() == CHUNKS_IN_FLIGHT {
                all.append(finish_first(&mut pending, &self.gpu, &self.model).await?);
            }
            pending.push_back(self.submit(chunk, goal)?);
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

    async fn tokenize_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        check_width(scaled, self.model.input)?;
        self.run(scaled, Goal::Tokens(want)).await
    }

    async fn run_until(&self, rows: &[f32], stage: Stage) -> Result<(), EngineError> {
        // In the same chunks as a whole run, so that the difference is what the rest takes.
        self.run(&scale_rows(rows, self.model.input)?, Goal::Stage(stage)).await.map(drop)
    }
}

async fn finish_first(pending: &mut VecDeque<Pending>, gpu: &Gpu, a: &Architecture) -> Result<Tokenized, EngineError> {
    pending.pop_front().expect("a chunk is in flight").finish(gpu, a).await
}

impl Steps {
    fn new(device: &wgpu::Device, kernels: &Kernels, weights: &Weights, work: &Workspace, a: &Architecture) -> Self {
        let step =
            |pipeline, buffers: &[&wgpu::Buffer], items, groups| Step::new(device, pipeline, buffers, Grid { items, groups });
        let w = work;
        let mut tokenize = Self::layers(device, kernels, work, &weights.encoder, &w.x, &w.z);
        let encode = tokenize.len();
        if let (Some(route), Some(router)) = (&kernels.route, &weights.router) {
            let buffers = [&w.batch, &w.z, &router.weights, &router.bias, &w.routed, &w.counts, &w.lists];
            tokenize.push(step(route, &buffers, GROUP, 1));
        }
        let buffers = [&w.batch, &w.z, &weights.codebooks, &weights.half_norms, &w.counts, &w.lists, &w.choices];
        tokenize.push(step(&kernels.quantize, &buffers, GROUP, a.quantizers()));
        let buffers = [&w.batch, &w.routed, &w.choices, &weights.codebooks, &w.z_hat];
        let mix = step(&kernels.mix, &buffers, GROUP, padded(a.latent) / 4);
        let x_hat = &w.hidden[(weights.decoder.len() - 1) % 2];
        let mut reconstruct = Self::layers(device, kernels, work, &weights.decoder, &w.z_hat, x_hat);
        reconstruct.push(step(&kernels.error, &[&w.batch, &w.x, x_hat, &w.errors], 1, 1));
        Self { tokenize, encode, mix, reconstruct }
    }

    /// The launches that a goal needs.
    fn to(&self, goal: Goal) -> Vec<&Step> {
        let count = match goal {
            Goal::Stage(Stage::Encode) => self.encode,
            // Quantizing is the last one; a model without experts has no other after the encoder.
            Goal::Stage(Stage::Route) => self.tokenize.len() - 1,
            Goal::Stage(Stage::Quantize) | Goal::Tokens(_) => self.tokenize.len(),
        };
        let mut steps: Vec<&Step> = self.tokenize[..count].iter().collect();
        let Goal::Tokens(want) = goal else { return steps };
        if want.latents || want.reconstruction {
            steps.push(&self.mix);
        }
        if want.reconstruction {
            steps.extend(&self.reconstruct);
        }
        steps
    }

    /// A chain of layers from `input` to `output`, through the hidden buffers in turn.
    fn layers(
        device: &wgpu::Device,
        kernels: &Kernels,
        work: &Workspace,
        layers: &[Layer],
        input: &wgpu::Buffer,
        output: &wgpu::Buffer,
    ) -> Vec<Step> {
        let mut from = input;
        let mut steps = Vec::new();
        for (i, layer) in layers.iter().enumerate() {
            let to = if i + 1 == layers.len() { output } else { &work.hidden[i % 2] };
            let grid = Grid { items: TILE_ITEMS, groups: layer.outputs.div_ceil(TILE_OUTPUTS) };
            let buffers = [&work.batch, &layer.shape, from, &layer.weights, &layer.bias, to];
            steps.push(Step::new(device, &kernels.linear, &buffers, grid));
            from = to;
        }
        steps
    }
}
