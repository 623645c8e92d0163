//! WGSL sources and their pipelines; the matrix product that the tokenizer and the text encoder share.

use super::device::Gpu;
use super::shape::Shape;
use super::tile::Tile;
use super::wgsl::wgsl;
use crate::compute::DeviceError;

/// What every kernel has in front.
pub const BATCH: &str = wgsl!("../../../shaders/common/batch.wgsl");
const RELU: &str = wgsl!("../../../shaders/common/relu.wgsl");

/// A kernel: its file in `shaders/` and what goes in front of it (WGSL cannot include).
pub struct Kernel {
    pub name: &'static str,
    pub common: &'static [&'static str],
    pub body: &'static str,
}

/// A layer with ReLU; the text encoder has its own activation in front of the same body.
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
        // Workgroup memory is written before it is read.
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

/// The matrix product in one tile.
#[derive(Debug)]
pub struct Linear {
    pub tile: Tile,
    pub pipeline: wgpu::ComputePipeline,
}

impl Linear {
    /// `kernel`, a matrix product with an activation, in each of `tiles`.
    pub fn all(device: &wgpu::Device, kernel: Kernel, tiles: &[Tile]) -> Vec<Self> {
        tiles.iter().map(|&tile| Self { tile, pipeline: kernel.compile(device, &tile.shape()) }).collect()
    }
}

/// What `compile` makes, unless the device objects.
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
