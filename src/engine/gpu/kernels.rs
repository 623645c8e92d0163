//! WGSL sources, specialised to a model's shapes, and their pipelines.

use super::device::Gpu;
use super::limits::{padded, slab_codes};
use crate::config::{Architecture, Mix};
use crate::engine::EngineError;

/// What every kernel has in front.
pub const BATCH: &str = include_str!("../../../shaders/common/batch.wgsl");
const ROUTED: &str = include_str!("../../../shaders/common/routed.wgsl");
const RELU: &str = include_str!("../../../shaders/common/relu.wgsl");
const CHOICE: &str = include_str!("../../../shaders/common/choice.wgsl");

/// A kernel: its file in `shaders/` and what goes in front of it (WGSL cannot include).
pub struct Kernel {
    pub name: &'static str,
    pub common: &'static [&'static str],
    pub body: &'static str,
}

/// A layer with ReLU; the text encoder has its own activation in front of the same body.
pub const LINEAR: Kernel = Kernel { name: "linear", common: &[BATCH, RELU], body: include_str!("../../../shaders/linear.wgsl") };
const ROUTE: Kernel = Kernel { name: "route", common: &[BATCH, ROUTED], body: include_str!("../../../shaders/route.wgsl") };
const QUANTIZE: Kernel =
    Kernel { name: "quantize", common: &[BATCH, CHOICE], body: include_str!("../../../shaders/quantize.wgsl") };
const MIX: Kernel = Kernel { name: "mix", common: &[BATCH, ROUTED, CHOICE], body: include_str!("../../../shaders/mix.wgsl") };
const ERROR: Kernel = Kernel { name: "error", common: &[BATCH], body: include_str!("../../../shaders/error.wgsl") };

impl Kernel {
    /// Complete WGSL, after a model's `constants`.
    pub fn source(&self, constants: &str) -> String {
        let parts = self.common.iter().chain([&self.body]);
        parts.fold(constants.to_owned(), |source, part| source + "\n" + part)
    }

    /// Compiles for a model's `constants`.
    pub fn compile(&self, device: &wgpu::Device, constants: &str) -> wgpu::ComputePipeline {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(self.name),
            source: wgpu::ShaderSource::Wgsl(self.source(constants).into()),
        });
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(self.name),
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options: Default::default(),
            cache: None,
        })
    }
}

/// Name and complete WGSL of every kernel that a model of this shape uses.
pub fn sources(a: &Architecture) -> Vec<(&'static str, String)> {
    let kernels = [LINEAR, ROUTE, QUANTIZE, MIX, ERROR];
    let used = kernels.iter().filter(|k| a.experts > 0 || k.name != ROUTE.name);
    let constants = constants(a);
    used.map(|k| (k.name, k.source(&constants))).collect()
}

/// Shapes as constants, so that loops have known lengths and residuals fit registers.
fn constants(a: &Architecture) -> String {
    let (renormalise, routed, shared) = mix_weights(a);
    format!(
        "const INPUT4 = {}u;\nconst LATENT4 = {}u;\nconst EXPERTS = {}u;\nconst QUANTIZERS = {}u;\nconst TOP_N = {}u;\n\
         const SLOTS = {}u;\nconst LEVELS = {}u;\nconst CODES = {}u;\nconst SLAB = {}u;\n\
         const RENORMALISE = {renormalise};\nconst ROUTED_WEIGHT = {routed:?};\nconst SHARED_WEIGHT = {shared:?};\n",
        padded(a.input) / 4,
        padded(a.latent) / 4,
        a.experts,
        a.quantizers(),
        a.top_n,
        a.slots(),
        a.levels,
        a.codes,
        slab_codes(a),
    )
}

/// Whether gates are renormalised, and the weights of the two sides of `ẑ`; see `cpu::slot_weights`.
fn mix_weights(a: &Architecture) -> (bool, f32, f32) {
    match a.mix {
        Mix::Sum => (false, 1.0, 1.0),
        Mix::Convex { .. } if !a.shared => (true, 1.0, 0.0),
        Mix::Convex { .. } if a.experts == 0 => (true, 0.0, 1.0),
        Mix::Convex { weight } => (true, weight, 1.0 - weight),
    }
}

/// Compiled kernels. Bindings are laid out as the shaders declare them.
#[derive(Debug)]
pub struct Kernels {
    pub linear: wgpu::ComputePipeline,
    /// Absent without routed experts.
    pub route: Option<wgpu::ComputePipeline>,
    pub quantize: wgpu::ComputePipeline,
    pub mix: wgpu::ComputePipeline,
    pub error: wgpu::ComputePipeline,
}

impl Kernels {
    /// Compiles for one model's shapes.
    pub async fn new(gpu: &Gpu, a: &Architecture) -> Result<Self, EngineError> {
        let constants = constants(a);
        compiled(gpu, |device| {
            let compile = |kernel: Kernel| kernel.compile(device, &constants);
            Self {
                linear: compile(LINEAR),
                route: (a.experts > 0).then(|| compile(ROUTE)),
                quantize: compile(QUANTIZE),
                mix: compile(MIX),
                error: compile(ERROR),
            }
        })
        .await
    }
}

/// What `compile` makes, unless the device objects.
///
/// # Errors
/// [`EngineError::Device`] with the compiler's message.
pub async fn compiled<K>(gpu: &Gpu, compile: impl FnOnce(&wgpu::Device) -> K) -> Result<K, EngineError> {
    let scopes = gpu.open_scopes();
    let kernels = compile(&gpu.device);
    match scopes.close().await {
        Some(error) => Err(EngineError::Device(format!("a shader did not compile: {error}"))),
        None => Ok(kernels),
    }
}
