//! WGSL sources, specialised to a model's shapes, and their pipelines.

use super::device::Gpu;
use super::limits::{padded, slab_codes};
use crate::config::{Architecture, Mix};
use crate::engine::EngineError;

const BATCH: &str = include_str!("../../../shaders/common/batch.wgsl");
const ROUTED: &str = include_str!("../../../shaders/common/routed.wgsl");
const CHOICE: &str = include_str!("../../../shaders/common/choice.wgsl");

/// A kernel: its file in `shaders/` and what goes in front of it (WGSL cannot include).
struct Kernel {
    name: &'static str,
    common: &'static [&'static str],
    body: &'static str,
}

const LINEAR: Kernel = Kernel { name: "linear", common: &[BATCH], body: include_str!("../../../shaders/linear.wgsl") };
const ROUTE: Kernel = Kernel { name: "route", common: &[BATCH, ROUTED], body: include_str!("../../../shaders/route.wgsl") };
const QUANTIZE: Kernel =
    Kernel { name: "quantize", common: &[BATCH, CHOICE], body: include_str!("../../../shaders/quantize.wgsl") };
const MIX: Kernel = Kernel { name: "mix", common: &[BATCH, ROUTED, CHOICE], body: include_str!("../../../shaders/mix.wgsl") };
const ERROR: Kernel = Kernel { name: "error", common: &[BATCH], body: include_str!("../../../shaders/error.wgsl") };

impl Kernel {
    fn source(&self, a: &Architecture) -> String {
        let parts = self.common.iter().chain([&self.body]);
        parts.fold(constants(a), |source, part| source + "\n" + part)
    }
}

/// Name and complete WGSL of every kernel that a model of this shape uses.
pub fn sources(a: &Architecture) -> Vec<(&'static str, String)> {
    let kernels = [LINEAR, ROUTE, QUANTIZE, MIX, ERROR];
    let used = kernels.iter().filter(|k| a.experts > 0 || k.name != ROUTE.name);
    used.map(|k| (k.name, k.source(a))).collect()
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
        let scopes = gpu.open_scopes();
        let compile = |kernel: Kernel| compile(&gpu.device, &kernel, a);
        let kernels = Self {
            linear: compile(LINEAR),
            route: (a.experts > 0).then(|| compile(ROUTE)),
            quantize: compile(QUANTIZE),
            mix: compile(MIX),
            error: compile(ERROR),
        };
        match scopes.close().await {
            Some(error) => Err(EngineError::Device(format!("a shader did not compile: {error}"))),
            None => Ok(kernels),
        }
    }
}

fn compile(device: &wgpu::Device, kernel: &Kernel, a: &Architecture) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(kernel.name),
        source: wgpu::ShaderSource::Wgsl(kernel.source(a).into()),
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(kernel.name),
        layout: None,
        module: &module,
        entry_point: None,
        compilation_options: Default::default(),
        cache: None,
    })
}
