//! The tokenizer's kernels, specialised to a model's shapes, and their pipelines.

use super::limits::{pairs_per_invocation, slab_codes};
use crate::compute::DeviceError;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::kernels::{BATCH, Kernel, LINEAR, Linear, SUM, compiled};
use crate::compute::gpu::limits::padded;
use crate::compute::gpu::shape::Shape;
use crate::compute::gpu::wgsl::wgsl;
use crate::model::{Architecture, MixWeights};

const ROUTED: &str = wgsl!("../../../shaders/common/routed.wgsl");
const CHOICE: &str = wgsl!("../../../shaders/common/choice.wgsl");
const ROUTE: Kernel = Kernel { name: "route", common: &[BATCH, ROUTED], body: wgsl!("../../../shaders/route.wgsl") };
const QUANTIZE: Kernel = Kernel { name: "quantize", common: &[BATCH, CHOICE], body: wgsl!("../../../shaders/quantize.wgsl") };
const MIX: Kernel = Kernel { name: "mix", common: &[BATCH, ROUTED, CHOICE], body: wgsl!("../../../shaders/mix.wgsl") };
const ERROR: Kernel = Kernel { name: "error", common: &[BATCH, SUM], body: wgsl!("../../../shaders/error.wgsl") };

/// Name and complete WGSL of every kernel that a model of this shape uses; the matrix product with every tile.
pub fn sources(a: &Architecture) -> Vec<(&'static str, String)> {
    let kernels = [ROUTE, QUANTIZE, MIX, ERROR];
    let used = kernels.iter().filter(|k| a.experts > 0 || k.name != ROUTE.name);
    let shape = shape(a);
    let linear = Tile::ALL.map(|tile| (LINEAR.name, LINEAR.source(&tile.shape())));
    linear.into_iter().chain(used.map(|k| (k.name, k.source(&shape)))).collect()
}

/// A model's shape as constants and repeated lines, so that residuals are in registers.
fn shape(a: &Architecture) -> Shape {
    let MixWeights { renormalise, routed, shared } = a.mix_weights();
    let (latent4, pairs) = (padded(a.latent) / 4, pairs_per_invocation(a));
    let constants = format!(
        "const INPUT4 = {}u;\nconst LATENT4 = {latent4}u;\nconst EXPERTS = {}u;\nconst QUANTIZERS = {}u;\nconst TOP_N = {}u;\n\
         const SLOTS = {}u;\nconst LEVELS = {}u;\nconst CODES = {}u;\nconst SLAB = {}u;\nconst PAIRS_PER_INVOCATION = {pairs}u;\n\
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
    Shape { constants, repeats: vec![("$i", pairs), ("$d", latent4)] }
}

/// Compiled kernels. Bindings are laid out as the shaders declare them.
#[derive(Debug)]
pub struct Kernels {
    /// The matrix product with each tile from which this device may choose.
    pub linear: Vec<Linear>,
    /// `None` without routed experts.
    pub route: Option<wgpu::ComputePipeline>,
    pub quantize: wgpu::ComputePipeline,
    pub mix: wgpu::ComputePipeline,
    pub error: wgpu::ComputePipeline,
}

impl Kernels {
    /// Compiles the kernels for one model's shapes.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`], if a shader does not compile.
    pub async fn new(gpu: &Gpu, a: &Architecture, tiles: &[Tile]) -> Result<Self, DeviceError> {
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
