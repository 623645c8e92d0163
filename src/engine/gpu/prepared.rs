//! A GPU engine in two steps: what only the shapes of a model decide, and what its weights are needed for.

use std::sync::Mutex;

use super::steps::{Goal, Steps};
use super::{GpuEngine, GpuOptions, selftest};
use crate::compute::gpu::buffers::{Weights, Workspace};
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::kernels::Kernels;
use crate::compute::gpu::{limits, tiles};
use crate::engine::{EngineError, Stage};
use crate::model::Architecture;
use crate::model::Model;

/// A device with its kernels, which waits for the weights: what it takes is decided by the shapes alone.
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
    /// [`EngineError::NoGpu`], [`EngineError::Limit`] or [`EngineError::Device`].
    pub async fn open(model: &Architecture, options: &GpuOptions) -> Result<Self, EngineError> {
        let gpu = Gpu::open(options).await?;
        let capacity = limits::chunk_items(model, gpu.max_binding().min(options.max_buffer_bytes), gpu.info.software)?;
        let kernels = Kernels::new(&gpu, model, options.tiles(gpu.info.software)).await?;
        Ok(Self { gpu, model: model.clone(), capacity, kernels })
    }

    /// Uploads `model`, which has the shapes that were prepared for, and tests the kernels against the CPU engine.
    ///
    /// # Errors
    /// [`EngineError::Device`] or [`EngineError::SelfTest`].
    pub async fn load(self, model: &Model) -> Result<GpuEngine, EngineError> {
        let Self { gpu, model: a, capacity, kernels } = self;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, model);
        let work = Workspace::new(&gpu, model, capacity);
        let build = |linear| Steps::new(&gpu.device, &kernels, linear, &weights, &work, &a);
        let mut ways: Vec<Steps> = kernels.linear.iter().map(build).collect();
        if let Some(error) = scopes.close().await {
            return Err(EngineError::Device(format!("the model could not be uploaded: {error}")));
        }
        work.set_items(&gpu, capacity);
        let encode = Goal::Stage(Stage::Encode);
        let fastest = tiles::fastest(&gpu, ways.len(), |way, encoder| ways[way].record(&gpu, encoder, capacity, encode)).await?;
        let (steps, tile) = (ways.swap_remove(fastest), kernels.linear[fastest].tile);
        let engine = GpuEngine { gpu, model: a, capacity, work: Mutex::new(work), steps, tile };
        selftest::run(&engine, model).await?;
        Ok(engine)
    }
}
