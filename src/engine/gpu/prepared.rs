//! A GPU engine opened in two steps. The shapes in `config.json` are enough to open the device and to compile the kernels
//! ([`PreparedGpu`]); the weights come second. So a page compiles while the weights are still on their way.

use std::sync::Mutex;

use super::buffers::{Weights, Workspace};
use super::engine::GpuEngine;
use super::kernels::Kernels;
use super::limits::chunk_items;
use super::selftest;
use super::steps::{Goal, Steps};
use crate::compute::DeviceError;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::fastest::fastest;
use crate::compute::gpu::limits::TILE_ITEMS;
use crate::compute::gpu::{GpuOptions, timing};
use crate::engine::{EngineError, Stage};
use crate::model::{Architecture, Model};

/// Seconds that a chunk is meant to take: many times those of a launch and of a copy, and few enough for a driver that also
/// draws.
const CHUNK_SECONDS: f64 = 8e-3;

/// An open device with compiled kernels, without weights.
#[derive(Debug)]
pub struct PreparedGpu {
    gpu: Gpu,
    model: Architecture,
    /// Items of the first chunk that is measured, and of the largest.
    items: [usize; 2],
    kernels: Kernels,
}

impl PreparedGpu {
    /// Opens a device and compiles the kernels.
    ///
    /// # Errors
    /// [`DeviceError::NoGpu`], [`DeviceError::Limit`] or [`DeviceError::Stopped`].
    pub async fn open(model: &Architecture, options: &GpuOptions) -> Result<Self, DeviceError> {
        let gpu = Gpu::open(options).await?;
        let mut items = chunk_items(model, gpu.max_binding().min(options.max_buffer_bytes), gpu.info.software)?;
        if let Some(wanted) = options.chunk_items {
            items = [wanted.next_multiple_of(TILE_ITEMS).clamp(TILE_ITEMS, items[1]); 2];
        }
        let kernels = Kernels::new(&gpu, model, options.tiles(gpu.info.software)).await?;
        Ok(Self { gpu, model: model.clone(), items, kernels })
    }

    /// Uploads `model`, which must have the shapes given to [`open`](Self::open), and tests the kernels against the CPU engine.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`] or [`DeviceError::SelfTest`].
    pub async fn load(self, model: &Model) -> Result<GpuEngine, EngineError> {
        let Self { gpu, model: a, items: [first, most], kernels } = self;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, model);
        let mut work = Workspace::new(&gpu, model, first);
        let errors = scopes.close();
        let mut capacity = first;
        if first < most {
            let steps = Steps::new(&gpu.device, &kernels, &kernels.linear[0], &weights, &work, &a);
            capacity = (first * chunks_in_time(&gpu, &steps, &work, first).await?).min(most);
        }
        let scopes = gpu.open_scopes();
        if capacity > first {
            work = Workspace::new(&gpu, model, capacity);
        }
        let build = |linear| Steps::new(&gpu.device, &kernels, linear, &weights, &work, &a);
        let mut candidates: Vec<Steps> = kernels.linear.iter().map(build).collect();
        for errors in [errors, scopes.close()] {
            if let Some(error) = errors.await {
                return Err(DeviceError::Stopped(format!("the model could not be uploaded: {error}")).into());
            }
        }
        work.set_items(&gpu, capacity);
        let encode = Goal::Stage(Stage::Encode);
        let record = |candidate: usize, encoder: &mut _| candidates[candidate].record(&gpu, encoder, capacity, encode);
        let best = fastest(&gpu, candidates.len(), record).await?;
        let (steps, tile) = (candidates.swap_remove(best), kernels.linear[best].tile);
        let engine = GpuEngine { gpu, model: a, capacity, work: Mutex::new(work), steps, tile };
        selftest::run(&engine, model).await?;
        Ok(engine)
    }
}

/// How many chunks of `items` items fit in the time that a chunk is meant to take; at least one.
async fn chunks_in_time(gpu: &Gpu, steps: &Steps, work: &Workspace, items: usize) -> Result<usize, DeviceError> {
    work.set_items(gpu, items);
    let record = |encoder: &mut wgpu::CommandEncoder| steps.record(gpu, encoder, items, Goal::Stage(Stage::Quantize));
    // The first run is slower than any other.
    timing::seconds(gpu, 1, &record).await?;
    let taken = timing::seconds(gpu, 1, &record).await?;
    Ok(((CHUNK_SECONDS / taken) as usize).max(1))
}

impl GpuEngine {
    /// Opens a device, uploads `model`, compiles the kernels and tests them against the CPU engine.
    ///
    /// # Errors
    /// [`DeviceError::NoGpu`], [`DeviceError::Limit`], [`DeviceError::Stopped`] or
    /// [`DeviceError::SelfTest`]: in every case the CPU engine can run the model.
    pub async fn new(model: &Model, options: &GpuOptions) -> Result<Self, EngineError> {
        PreparedGpu::open(&model.config.model, options).await?.load(model).await
    }
}
