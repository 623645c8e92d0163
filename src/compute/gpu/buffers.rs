//! Everything that lives on the device: weights, and the working memory of one chunk.

use wgpu::BufferUsages as Usage;

use super::device::Gpu;
use super::halves::halves;
use super::limits::{padded, widest};
use crate::model::{Linear, Model};

/// A layer's weights as `linear` reads them.
#[derive(Debug)]
pub struct Layer {
    /// `{inputs4, outputs4, activated, halves}`.
    pub shape: wgpu::Buffer,
    /// `[inputs][outputs]`, both padded; in halves where that changes nothing.
    pub weights: wgpu::Buffer,
    /// `[outputs]`, padded.
    pub bias: wgpu::Buffer,
    /// Padded output width.
    pub outputs: usize,
}

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
    /// `[quantizers][levels][codes]`: `½‖c‖²`.
    pub half_norms: wgpu::Buffer,
}

impl Weights {
    /// Uploads `model`.
    pub fn new(gpu: &Gpu, model: &Model) -> Self {
        let latent = model.config.model.latent;
        let half_norm = |code: &[f32]| (0.5 * code.iter().map(|c| f64::from(*c).powi(2)).sum::<f64>()) as f32;
        let half_norms: Vec<f32> = model.codebooks.chunks_exact(latent).map(half_norm).collect();
        Self {
            encoder: layers(gpu, &model.encoder),
            decoder: layers(gpu, &model.decoder),
            router: model.router.as_ref().map(|r| Router {
                weights: upload(gpu, "router weights", &pad_rows(&r.weight, latent)),
                bias: upload(gpu, "router bias", &r.bias),
            }),
            codebooks: upload(gpu, "codebooks", &pad_rows(&model.codebooks, latent)),
            half_norms: upload(gpu, "half norms", &half_norms),
        }
    }
}

fn layers(gpu: &Gpu, layers: &[Linear]) -> Vec<Layer> {
    let last = layers.len() - 1;
    layers.iter().enumerate().map(|(i, layer)| upload_layer(gpu, layer, i < last)).collect()
}

/// Uploads a layer; `activated` by what its kernel has for an activation.
pub fn upload_layer(gpu: &Gpu, layer: &Linear, activated: bool) -> Layer {
    let (inputs, outputs) = (padded(layer.inputs), padded(layer.outputs));
    let mut weights = vec![0.0; inputs * outputs];
    for (o, row) in layer.weight.chunks_exact(layer.inputs).enumerate() {
        for (i, &w) in row.iter().enumerate() {
            weights[i * outputs + o] = w;
        }
    }
    let halves = halves(&weights);
    let shape = [inputs / 4, outputs / 4, usize::from(activated), usize::from(halves.is_some())].map(|n| n as u32);
    let uniform = create(gpu, "layer shape", size_of_val(&shape) as u64, Usage::UNIFORM | Usage::COPY_DST);
    gpu.queue.write_buffer(&uniform, 0, bytemuck::cast_slice(&shape));
    Layer {
        shape: uniform,
        weights: match &halves {
            Some(halves) => upload(gpu, "layer weights", halves),
            None => upload(gpu, "layer weights", &weights),
        },
        bias: upload(gpu, "layer bias", &pad_rows(&layer.bias, layer.outputs)),
        outputs,
    }
}

/// Working memory for one chunk. The queue runs chunks one after the other, so one set serves all
/// chunks in flight; only what is read back has its own buffer for each.
#[derive(Debug)]
pub struct Workspace {
    /// `{items}`.
    pub batch: wgpu::Buffer,
    /// Scaled inputs.
    pub x: wgpu::Buffer,
    /// Layer outputs, in turn.
    pub hidden: [wgpu::Buffer; 2],
    pub z: wgpu::Buffer,
    /// `[items][top_n]` of `{expert: u32, gate: f32}`.
    pub routed: wgpu::Buffer,
    /// Items of each expert.
    pub counts: wgpu::Buffer,
    /// `[experts][capacity]`: which items, as `item · slots + slot`.
    pub lists: wgpu::Buffer,
    /// `[items][slots][levels]` of `{code: u32, margin: f32, residual_norm: f32}`.
    pub choices: wgpu::Buffer,
    pub z_hat: wgpu::Buffer,
    /// Squared reconstruction errors.
    pub errors: wgpu::Buffer,
}

/// 32-bit words of one [`Workspace::routed`] entry.
pub const ROUTED_WORDS: usize = 2;
/// 32-bit words of one [`Workspace::choices`] entry.
pub const CHOICE_WORDS: usize = 3;

impl Workspace {
    /// Memory for chunks of up to `items`.
    pub fn new(gpu: &Gpu, model: &Model, items: usize) -> Self {
        let a = &model.config.model;
        let words = |label, each: usize| {
            create(gpu, label, (items * each.max(1) * 4) as u64, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST)
        };
        Self {
            batch: create(gpu, "batch", 16, Usage::UNIFORM | Usage::COPY_DST),
            x: words("inputs", padded(a.input)),
            hidden: ["hidden 0", "hidden 1"].map(|label| words(label, padded(widest(a)))),
            z: words("z", padded(a.latent)),
            routed: words("routed", a.top_n * ROUTED_WORDS),
            counts: create(gpu, "counts", 4 * a.experts.max(1) as u64, Usage::STORAGE | Usage::COPY_DST),
            lists: words("lists", a.experts),
            choices: words("choices", a.slots() * a.levels * CHOICE_WORDS),
            z_hat: words("z_hat", padded(a.latent)),
            errors: words("errors", 1),
        }
    }
}

impl Workspace {
    /// Queues that a chunk of `items` comes next.
    pub fn set_items(&self, gpu: &Gpu, items: usize) {
        gpu.queue.write_buffer(&self.batch, 0, bytemuck::cast_slice(&[items as u32, 0, 0, 0]));
    }
}

/// Rows of `width` values, padded with zeros to what kernels read.
pub fn pad_rows(values: &[f32], width: usize) -> Vec<f32> {
    let mut rows = Vec::with_capacity(values.len() / width * padded(width));
    for row in values.chunks_exact(width) {
        rows.extend_from_slice(row);
        rows.resize(rows.len().next_multiple_of(4), 0.0);
    }
    rows
}

/// A buffer that kernels read.
pub fn upload<T: bytemuck::NoUninit>(gpu: &Gpu, label: &str, values: &[T]) -> wgpu::Buffer {
    let buffer = create(gpu, label, size_of_val(values) as u64, Usage::STORAGE | Usage::COPY_DST);
    gpu.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(values));
    buffer
}

/// An empty buffer.
pub fn create(gpu: &Gpu, label: &str, size: u64, usage: Usage) -> wgpu::Buffer {
    gpu.device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
}
