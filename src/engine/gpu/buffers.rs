//! A tokenizer's buffers on the device: its weights, and the working memory of one chunk.

use wgpu::BufferUsages as Usage;

use super::codebook::{Division, code_words};
use super::limits::widest;
use crate::compute::gpu::buffers::{Layer, create, pad_rows, upload, upload_layers};
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::padded;
use crate::model::Model;

/// The router as `route` reads it.
#[derive(Debug)]
pub struct Router {
    /// `[experts][latent]`, latent padded.
    pub weights: wgpu::Buffer,
    /// `[experts]`.
    pub bias: wgpu::Buffer,
}

/// All weights of a model.
#[derive(Debug)]
pub struct Weights {
    pub encoder: Vec<Layer>,
    pub decoder: Vec<Layer>,
    pub router: Option<Router>,
    /// `[quantizers][levels][codes][latent]`, latent padded.
    pub codebooks: wgpu::Buffer,
    /// The same in the order of [`Division::lay_out`], and their `−½‖c‖²`.
    pub slabs: wgpu::Buffer,
    pub half_norms: wgpu::Buffer,
}

impl Weights {
    /// Uploads `model`.
    pub fn new(gpu: &Gpu, model: &Model) -> Self {
        let latent = model.config.model.latent;
        let (slabs, half_norms) = Division::of(&model.config.model).lay_out(model);
        Self {
            encoder: upload_layers(gpu, &model.encoder),
            decoder: upload_layers(gpu, &model.decoder),
            router: model.router.as_ref().map(|r| Router {
                weights: upload(gpu, "router weights", &pad_rows(&r.weight, latent)),
                bias: upload(gpu, "router bias", &r.bias),
            }),
            codebooks: upload(gpu, "codebooks", &pad_rows(&model.codebooks, latent)),
            slabs: upload(gpu, "slabs", &slabs),
            half_norms: upload(gpu, "half norms", &half_norms),
        }
    }
}

/// Working memory for one chunk. The queue runs chunks one after the other, so all chunks in flight share it; only results to
/// be read back have a buffer for each chunk.
#[derive(Debug)]
pub struct Workspace {
    /// `{items}`.
    pub batch: wgpu::Buffer,
    /// Scaled inputs.
    pub x: wgpu::Buffer,
    /// Layer outputs: layers write to one and the other in turn.
    pub hidden: [wgpu::Buffer; 2],
    pub z: wgpu::Buffer,
    /// `[items][top_n]` of `{expert: u32, gate: f32}`.
    pub routed: wgpu::Buffer,
    /// Number of items of each expert.
    pub counts: wgpu::Buffer,
    /// `[experts][capacity]`: the items of each expert, as `item · slots + slot`.
    pub lists: wgpu::Buffer,
    /// `[items][slots]` of the packed codes of all levels.
    pub codes: wgpu::Buffer,
    /// `[items][slots][levels]` of `{margin: f32, residual_norm: f32}`.
    pub details: wgpu::Buffer,
    pub z_hat: wgpu::Buffer,
    /// Squared reconstruction errors.
    pub errors: wgpu::Buffer,
}

/// 32-bit words of one [`Workspace::routed`] entry.
pub const ROUTED_WORDS: usize = 2;
/// 32-bit words of one [`Workspace::details`] entry.
pub const DETAIL_WORDS: usize = 2;

impl Workspace {
    /// Memory for chunks of up to `items` items.
    pub fn new(gpu: &Gpu, model: &Model, items: usize) -> Self {
        let a = &model.config.model;
        let words = |label, per_item: usize| {
            create(gpu, label, (items * per_item.max(1) * 4) as u64, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST)
        };
        Self {
            batch: create(gpu, "batch", 16, Usage::UNIFORM | Usage::COPY_DST),
            x: words("inputs", padded(a.input)),
            hidden: ["hidden 0", "hidden 1"].map(|label| words(label, padded(widest(a)))),
            z: words("z", padded(a.latent)),
            routed: words("routed", a.top_n * ROUTED_WORDS),
            counts: create(gpu, "counts", 4 * a.experts.max(1) as u64, Usage::STORAGE | Usage::COPY_DST),
            lists: words("lists", a.experts),
            codes: words("codes", a.slots() * code_words(a)),
            details: words("details", a.slots() * a.levels * DETAIL_WORDS),
            z_hat: words("z_hat", padded(a.latent)),
            errors: words("errors", 1),
        }
    }

    /// Sets the number of items of the chunk that is queued next.
    pub fn set_items(&self, gpu: &Gpu, items: usize) {
        gpu.queue.write_buffer(&self.batch, 0, bytemuck::cast_slice(&[items as u32, 0, 0, 0]));
    }
}
