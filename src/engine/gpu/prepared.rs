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
use crate::compute::gpu::GpuOptions;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::fastest::fastest;
use crate::engine::{EngineError, Stage};
use crate::model::{Architecture, Model};

/// An open device with compiled kernels, without weights.
#[derive(Debug)]
pub struct PreparedGpu {
    gpu: Gpu,
    model: Architecture,
    capacity: usize,
    kernels: Kernels,
}

impl PreparedGpu {
    /// Opens a device and compiles the kernels.
    ///
    /// # Errors
    /// [`DeviceError::NoGpu`], [`DeviceError::Limit`] or [`DeviceError::Stopped`].
    pub async fn open(model: &Architecture, options: &GpuOptions) -> Result<Self, DeviceError> {
        let gpu = Gpu::open(options).await?;
        let capacity = chunk_items(model, gpu.max_binding().min(options.max_buffer_bytes), gpu.info.software)?;
        let kernels = Kernels::new(&gpu, model, options.tiles(gpu.info.software)).await?;
        Ok(Self { gpu, model: model.clone(), capacity, kernels })
    }

    /// Uploads `model`, which must have the shapes given to [`open`](Self::open), and tests the kernels against the CPU engine.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`] or [`DeviceError::SelfTest`].
    pub async fn load(self, model: &Model) -> Result<GpuEngine, EngineError> {
        let Self { gpu, model: a, capacity, kernels } = self;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, model);
        let work = Workspace::new(&gpu, model, capacity);
        let build = |linear| Steps::new(&gpu.device, &kernels, linear, &weights, &work, &a);
        let mut candidates: Vec<Steps> = kernels.linear.iter().map(build).collect();
        if let Some(error) = scopes.close().await {
            return Err(DeviceError::Stopped(format!("the model could not be uploaded: {error}")).into());
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
