//! WGSL sources of the text encoder, specialised to a model's shapes, and their pipelines.

use super::limits::{head_width, slab_keys};
use crate::compute::DeviceError;
use crate::compute::gpu::Tile;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::kernels::{BATCH, Kernel, LINEAR, Linear, SUM, compiled};
use crate::compute::gpu::limits::padded;
use crate::compute::gpu::shape::Shape;
use crate::compute::gpu::wgsl::wgsl;
use crate::text::Architecture;

const GELU: &str = wgsl!("../../../shaders/common/gelu.wgsl");
const NORM: &str = wgsl!("../../../shaders/common/norm.wgsl");

const EMBED: Kernel = Kernel { name: "embed", common: &[BATCH, SUM, NORM], body: wgsl!("../../../shaders/text/embed.wgsl") };
const DENSE: Kernel = Kernel { name: "linear", common: &[BATCH, GELU], body: LINEAR.body };
const ATTENTION: Kernel = Kernel { name: "attention", common: &[BATCH], body: wgsl!("../../../shaders/text/attention.wgsl") };
const LAYER_NORM: Kernel =
    Kernel { name: "layer_norm", common: &[BATCH, SUM, NORM], body: wgsl!("../../../shaders/text/layer_norm.wgsl") };
const POOL: Kernel = Kernel { name: "pool", common: &[BATCH], body: wgsl!("../../../shaders/text/pool.wgsl") };

/// Name and complete WGSL of every kernel that a model of this shape uses, with the matrix product for every tile.
pub fn sources(a: &Architecture) -> Vec<(&'static str, String)> {
    let shape = shape(a);
    let dense = Tile::ALL.map(|tile| (DENSE.name, DENSE.source(&tile.shape())));
    dense.into_iter().chain([EMBED, ATTENTION, LAYER_NORM, POOL].map(|k| (k.name, k.source(&shape)))).collect()
}

/// The model's shape as constants, and as the number of repetitions of marked lines, which keeps rows in registers.
fn shape(a: &Architecture) -> Shape {
    let dim4 = head_width(a) / 4;
    let constants = format!(
        "const WIDTH = {}u;\nconst WIDTH4 = {}u;\nconst EPSILON = {:?};\nconst HEADS = {}u;\nconst DIM4 = {dim4}u;\n\
         const SCALE = {:?};\nconst KEYS = {}u;\n",
        a.hidden,
        padded(a.hidden) / 4,
        a.epsilon,
        a.heads,
        1.0 / ((a.hidden / a.heads) as f32).sqrt(),
        slab_keys(a),
    );
    Shape { constants, repeats: vec![("$k", 4), ("$d", dim4)] }
}

/// Compiled kernels. Their bindings are in the order in which the shaders declare them.
pub struct Kernels {
    pub embed: wgpu::ComputePipeline,
    /// The matrix product for each tile that may be used, with GELU in place of the tokenizer's ReLU.
    pub linear: Vec<Linear>,
    pub attention: wgpu::ComputePipeline,
    pub layer_norm: wgpu::ComputePipeline,
    pub pool: wgpu::ComputePipeline,
}

impl Kernels {
    /// Compiles the kernels for one model's shapes.
    ///
    /// # Errors
    /// A kernel cannot be compiled.
    pub async fn new(gpu: &Gpu, a: &Architecture, tiles: &[Tile]) -> Result<Self, DeviceError> {
        let shape = shape(a);
        compiled(gpu, |device| {
            let compile = |kernel: Kernel| kernel.compile(device, &shape);
            Self {
                embed: compile(EMBED),
                linear: Linear::all(device, DENSE, tiles),
                attention: compile(ATTENTION),
                layer_norm: compile(LAYER_NORM),
                pool: compile(POOL),
            }
        })
        .await
    }
}
