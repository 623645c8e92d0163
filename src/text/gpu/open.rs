//! Opening a device for a text model: uploading weights, choosing the fastest matrix product, and the self-test.

use std::sync::Mutex;

use super::chunk::Chunk;
use super::encoder::{TextGpu, record};
use super::kernels::Kernels;
use super::limits::{chunk_tokens, work_per_token};
use super::selftest;
use super::stages::Builder;
use super::weights::Weights;
use super::workspace::Workspace;
use crate::compute::DeviceError;
use crate::compute::gpu::GpuOptions;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::fastest::fastest;
use crate::text::{Architecture, TextEncoder, TextError, TextFiles};

/// Most tokens that the tiles of the matrix product are timed with.
const TIMED_TOKENS: usize = 2048;

impl TextGpu {
    /// Opens a device, compiles the kernels, uploads the weights of `files`, and compares the result with that of `cpu`, the
    /// encoder of the same files.
    ///
    /// # Errors
    /// [`TextError::Device`] with [`DeviceError::NoGpu`], [`DeviceError::Limit`], [`DeviceError::Stopped`] or
    /// [`DeviceError::SelfTest`]; in all these cases the CPU can run the model. Otherwise the files are damaged.
    pub async fn new(files: &TextFiles, cpu: &TextEncoder, options: &GpuOptions) -> Result<Self, TextError> {
        let architecture = &Architecture::from_json(&files.config)?;
        let longest = cpu.tokenizer().max_tokens();
        let gpu = Gpu::open(options).await?;
        let max_bytes = gpu.max_binding().min(options.max_buffer_bytes);
        let capacity = chunk_tokens(architecture, longest, max_bytes, gpu.info.software)?;
        let kernels = &Kernels::new(&gpu, architecture, options.tiles(gpu.info.software)).await?;
        let scopes = gpu.open_scopes();
        let weights = Weights::new(&gpu, architecture, &files.weights);
        let work = Workspace::new(&gpu, architecture, capacity);
        // Launches of the whole encoder, and of a few matrix products for timing, with each tile.
        let variants = weights.map(|weights| {
            let (device, weights, work) = (&gpu.device, &weights, &work);
            let builders = kernels.linear.iter().map(|linear| Builder { device, kernels, linear, weights, work, architecture });
            builders.map(|builder| (builder.stages(), builder.products())).collect::<Vec<_>>()
        });
        let errors = scopes.close().await;
        let mut variants = variants?;
        if let Some(error) = errors {
            return Err(DeviceError::Stopped(format!("the text model could not be uploaded: {error}")).into());
        }
        let timed = Chunk::of_length(capacity.min(TIMED_TOKENS));
        work.write(&gpu, &timed);
        let fastest = fastest(&gpu, variants.len(), |variant, encoder| {
            record(std::slice::from_ref(&variants[variant].1), &gpu, encoder, &timed);
        });
        let fastest = fastest.await?;
        let (stages, _) = variants.swap_remove(fastest);
        let layer_work = work_per_token(architecture, longest);
        let (work, tile) = (Mutex::new(work), kernels.linear[fastest].tile);
        let encoder = Self { gpu, architecture: architecture.clone(), capacity, layer_work, work, stages, tile };
        selftest::run(&encoder, cpu.transformer(), architecture, longest).await?;
        Ok(encoder)
    }
}
