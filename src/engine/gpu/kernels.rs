//! The tokenizer's kernels, specialised to a model's shapes, and their pipelines.

use super::codebook::{Division, code_bits, code_words};
use crate::compute::DeviceError;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::kernels::{BATCH, Kernel, LINEAR, Linear, SUM, compiled};
use crate::compute::gpu::limits::padded;
use crate::compute::gpu::shape::Shape;
use crate::compute::gpu::wgsl::wgsl;
use crate::model::{Architecture, MixWeights};

const ROUTED: &str = wgsl!("../../../shaders/common/routed.wgsl");
const ROUTE: Kernel = Kernel { name: "route", common: &[BATCH, ROUTED], body: wgsl!("../../../shaders/route.wgsl") };
const QUANTIZE: Kernel = Kernel { name: "quantize", common: &[BATCH], body: wgsl!("../../../shaders/quantize.wgsl") };
const MIX: Kernel = Kernel { name: "mix", common: &[BATCH, ROUTED], body: wgsl!("../../../shaders/mix.wgsl") };
const ERROR: Kernel = Kernel { name: "error", common: &[BATCH, SUM], body: wgsl!("../../../shaders/error.wgsl") };

/// Name and complete WGSL of every kernel that a model of this shape uses; the matrix product with every tile.
pub fn sources(a: &Architecture) -> Vec<(&'static str, String)> {
    let kernels = [ROUTE, QUANTIZE, MIX, ERROR];
    let used = kernels.iter().filter(|k| a.experts > 0 || k.name != ROUTE.name);
    let linear = Tile::ALL.map(|tile| (LINEAR.name, LINEAR.source(&tile.shape())));
    let detailed = (QUANTIZE.name, QUANTIZE.source(&shape(a, true)));
    linear.into_iter().chain(used.map(|k| (k.name, k.source(&shape(a, false))))).chain([detailed]).collect()
}

/// A model's shape as constants and repeated lines; `details`: whether margins and residual norms are wanted.
fn shape(a: &Architecture, details: bool) -> Shape {
    let MixWeights { renormalise, routed, shared } = a.mix_weights();
    let division = Division::of(a);
    let Division { pairs, groups, columns, passes, depth } = division;
    let constants = format!(
        "const INPUT4 = {}u;\nconst LATENT4 = {}u;\nconst EXPERTS = {}u;\nconst QUANTIZERS = {}u;\nconst TOP_N = {}u;\n\
         const SLOTS = {}u;\nconst LEVELS = {}u;\nconst CODES = {}u;\nconst CODE_BITS = {}u;\nconst CODE_WORDS = {}u;\n\
         const PAIRS = {pairs}u;\nconst GROUPS = {groups}u;\nconst COLUMNS = {columns}u;\nconst PASSES = {passes}u;\n\
         const DEPTH = {depth}u;\nconst SLAB_ROWS = {}u;\nconst INVOCATIONS = {}u;\nconst DETAILS = {details};\n\
         const RENORMALISE = {renormalise};\nconst ROUTED_WEIGHT = {routed:?};\nconst SHARED_WEIGHT = {shared:?};\n",
        padded(a.input) / 4,
        padded(a.latent) / 4,
        a.experts,
        a.quantizers(),
        a.top_n,
        a.slots(),
        a.levels,
        a.codes,
        code_bits(a),
        code_words(a),
        division.slab_rows(a),
        division.threads(),
    );
    let repeats = vec![("$c", 4), ("$j", 2), ("$e", 4), ("$m", groups), ("$f", 4), ("$q", depth / 4), ("$l", division.loads())];
    Shape { constants, repeats }
}

/// Compiled kernels. Bindings are laid out as the shaders declare them.
#[derive(Debug)]
pub struct Kernels {
    /// The matrix product with each tile from which this device may choose.
    pub linear: Vec<Linear>,
    /// `None` without routed experts.
    pub route: Option<wgpu::ComputePipeline>,
    /// Without margins and residual norms, and with them.
    pub quantize: [wgpu::ComputePipeline; 2],
    pub mix: wgpu::ComputePipeline,
    pub error: wgpu::ComputePipeline,
}

impl Kernels {
    /// Compiles the kernels for one model's shapes.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`], if a shader does not compile.
    pub async fn new(gpu: &Gpu, a: &Architecture, tiles: &[Tile]) -> Result<Self, DeviceError> {
        let (plain, detailed) = (shape(a, false), shape(a, true));
        compiled(gpu, |device| {
            let compile = |kernel: Kernel| kernel.compile(device, &plain);
            Self {
                linear: Linear::all(device, LINEAR, tiles),
                route: (a.experts > 0).then(|| compile(ROUTE)),
                quantize: [compile(QUANTIZE), QUANTIZE.compile(device, &detailed)],
                mix: compile(MIX),
                error: compile(ERROR),
            }
        })
        .await
    }
}
