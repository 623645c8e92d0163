//! WGSL sources, specialised to a model's shapes, and their pipelines; the matrix product that the tokenizer and the text
//! encoder share.
//!
//! WGSL has neither includes nor unrolled loops. So a kernel's file is prefixed with the shared parts that it names and with
//! constants for the widths, and lines that hold a marker (`$i`, `$j`, …) are repeated as text ([`Shape`]). An array that is
//! indexed in a loop may be kept in memory; named variables stay in registers.

use super::device::Gpu;
use super::shape::Shape;
use super::tile::Tile;
use super::wgsl::wgsl;
use crate::compute::DeviceError;

/// The part that precedes every kernel.
pub const BATCH: &str = wgsl!("../../../shaders/common/batch.wgsl");
/// A sum over a workgroup, for the kernels that need one.
pub const SUM: &str = wgsl!("../../../shaders/common/sum.wgsl");
const RELU: &str = wgsl!("../../../shaders/common/relu.wgsl");

/// A kernel: its file in `shaders/`, and the shared parts that precede it.
pub struct Kernel {
    pub name: &'static str,
    pub common: &'static [&'static str],
    pub body: &'static str,
}

/// A layer with ReLU. The text encoder puts its own activation in front of the same body.
pub const LINEAR: Kernel = Kernel { name: "linear", common: &[BATCH, RELU], body: wgsl!("../../../shaders/linear.wgsl") };

impl Kernel {
    /// Complete WGSL for a shape.
    pub fn source(&self, shape: &Shape) -> String {
        let common = self.common.iter().fold(shape.constants.clone(), |source, part| source + "\n" + part);
        common + "\n" + &shape.unroll(self.body)
    }

    /// Compiles for a shape.
    pub fn compile(&self, device: &wgpu::Device, shape: &Shape) -> wgpu::ComputePipeline {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(self.name),
            source: wgpu::ShaderSource::Wgsl(self.source(shape).into()),
        });
        // Every kernel writes its workgroup memory before it reads it, so it need not be cleared.
        let compilation_options =
            wgpu::PipelineCompilationOptions { zero_initialize_workgroup_memory: false, ..Default::default() };
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(self.name),
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options,
            cache: None,
        })
    }
}

/// The matrix product with one shape of tiles.
#[derive(Debug)]
pub struct Linear {
    pub tile: Tile,
    pub pipeline: wgpu::ComputePipeline,
}

impl Linear {
    /// Compiles `kernel`, a matrix product with an activation, for each of `tiles`.
    pub fn all(device: &wgpu::Device, kernel: Kernel, tiles: &[Tile]) -> Vec<Self> {
        tiles.iter().map(|&tile| Self { tile, pipeline: kernel.compile(device, &tile.shape()) }).collect()
    }
}

/// Runs `compile` and returns what it makes, unless the device reports an error.
///
/// # Errors
/// [`DeviceError::Stopped`] with the compiler's message.
pub async fn compiled<K>(gpu: &Gpu, compile: impl FnOnce(&wgpu::Device) -> K) -> Result<K, DeviceError> {
    let scopes = gpu.open_scopes();
    let kernels = compile(&gpu.device);
    match scopes.close().await {
        Some(error) => Err(DeviceError::Stopped(format!("a shader did not compile: {error}"))),
        None => Ok(kernels),
    }
}
