//! WGSL sources, specialised to a model's shapes, and their pipelines.

use super::device::Gpu;
use super::limits::{padded, pairs_each, slab_codes};
use super::tiles::Tile;
use super::wgsl::wgsl;
use crate::engine::EngineError;
use crate::model::{Architecture, Mix};

/// What every kernel has in front.
pub const BATCH: &str = wgsl!("../../../shaders/common/batch.wgsl");
const ROUTED: &str = wgsl!("../../../shaders/common/routed.wgsl");
const RELU: &str = wgsl!("../../../shaders/common/relu.wgsl");
const CHOICE: &str = wgsl!("../../../shaders/common/choice.wgsl");

/// A kernel: its file in `shaders/` and what goes in front of it (WGSL cannot include).
pub struct Kernel {
    pub name: &'static str,
    pub common: &'static [&'static str],
    pub body: &'static str,
}

/// A layer with ReLU; the text encoder has its own activation in front of the same body.
pub const LINEAR: Kernel = Kernel { name: "linear", common: &[BATCH, RELU], body: wgsl!("../../../shaders/linear.wgsl") };
const ROUTE: Kernel = Kernel { name: "route", common: &[BATCH, ROUTED], body: wgsl!("../../../shaders/route.wgsl") };
const QUANTIZE: Kernel = Kernel { name: "quantize", common: &[BATCH, CHOICE], body: wgsl!("../../../shaders/quantize.wgsl") };
const MIX: Kernel = Kernel { name: "mix", common: &[BATCH, ROUTED, CHOICE], body: wgsl!("../../../shaders/mix.wgsl") };
const ERROR: Kernel = Kernel { name: "error", common: &[BATCH], body: wgsl!("../../../shaders/error.wgsl") };

/// What WGSL must know before it is compiled.
#[derive(Debug)]
pub struct Shape {
    /// Declarations, so that loops have known lengths.
    pub constants: String,
    /// Markers and how often lines with them are repeated.
    pub repeats: Vec<(&'static str, usize)>,
}

impl Shape {
    /// `text` with each run of lines that hold a marker repeated, numbers in the marker's place; markers one after
    /// the other. WGSL cannot ask for an unrolled loop, and an array that is indexed in one may end up in memory.
    fn unroll(&self, text: &str) -> String {
        self.repeats.iter().fold(text.to_owned(), |text, &(marker, times)| {
            let lines: Vec<&str> = text.lines().collect();
            let mut unrolled = String::new();
            for run in lines.chunk_by(|a, b| a.contains(marker) == b.contains(marker)) {
                let times = if run[0].contains(marker) { times } else { 1 };
                let run = run.join("\n") + "\n";
                unrolled.extend((0..times).map(|n| run.replace(marker, &n.to_string())));
            }
            unrolled
        })
    }
}

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

/// Name and complete WGSL of every kernel that a model of this shape uses; the matrix product in every tile.
pub fn sources(a: &Architecture) -> Vec<(&'static str, String)> {
    let kernels = [ROUTE, QUANTIZE, MIX, ERROR];
    let used = kernels.iter().filter(|k| a.experts > 0 || k.name != ROUTE.name);
    let shape = shape(a);
    let linear = Tile::ALL.map(|tile| (LINEAR.name, LINEAR.source(&tile.shape())));
    linear.into_iter().chain(used.map(|k| (k.name, k.source(&shape)))).collect()
}

/// Shapes as constants and repeated lines, so that residuals fit registers.
fn shape(a: &Architecture) -> Shape {
    let (renormalise, routed, shared) = mix_weights(a);
    let (latent4, each) = (padded(a.latent) / 4, pairs_each(a));
    let constants = format!(
        "const INPUT4 = {}u;\nconst LATENT4 = {latent4}u;\nconst EXPERTS = {}u;\nconst QUANTIZERS = {}u;\nconst TOP_N = {}u;\n\
         const SLOTS = {}u;\nconst LEVELS = {}u;\nconst CODES = {}u;\nconst SLAB = {}u;\nconst EACH = {each}u;\n\
         const RENORMALISE = {renormalise};\nconst ROUTED_WEIGHT = {routed:?};\nconst SHARED_WEIGHT = {shared:?};\n",
        padded(a.input) / 4,
        a.experts,
        a.quantizers(),
        a.top_n,
        a.slots(),
        a.levels,
        a.codes,
        slab_codes(a),
    );
    Shape { constants, repeats: vec![("$i", each), ("$d", latent4)] }
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
    /// The matrix product in each tile that may be used here.
    pub linear: Vec<Linear>,
    /// Absent without routed experts.
    pub route: Option<wgpu::ComputePipeline>,
    pub quantize: wgpu::ComputePipeline,
    pub mix: wgpu::ComputePipeline,
    pub error: wgpu::ComputePipeline,
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

impl Kernels {
    /// Compiles for one model's shapes.
    pub async fn new(gpu: &Gpu, a: &Architecture, tiles: &[Tile]) -> Result<Self, EngineError> {
        let shape = shape(a);
        compiled(gpu, |device| {
            let compile = |kernel: Kernel| kernel.compile(device, &shape);
            Self {
                linear: Linear::all(device, LINEAR, tiles),
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

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn runs_of_lines_are_repeated_together() {
        let unroll = |text, repeats| Shape { constants: String::new(), repeats }.unroll(text);
        let text = "a$i = 0;\n{\nlet x$j = $j;\na$i += x$j;\n}";
        let expected = "a0 = 0;\na1 = 0;\n{\nlet x0 = 0;\na0 += x0;\na1 += x0;\nlet x1 = 1;\na0 += x1;\na1 += x1;\n}\n";
        assert_eq!(unroll(text, vec![("$i", 2), ("$j", 2)]), expected);
        assert_eq!(unroll("b$i\nc", vec![("$i", 0)]), "c\n");
    }
}
