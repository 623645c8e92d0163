//! The launches of a chunk, in order.

use super::kernels::Kernels;
use super::weights::{Layer, Norm, Weights};
use super::workspace::{Unit, Workspace};
use crate::compute::gpu::buffers;
use crate::compute::gpu::dispatch::{Grid, Step};
use crate::compute::gpu::kernels::Linear;
use crate::text::Architecture;

/// A kernel with its buffers, and what it runs over.
#[derive(Debug)]
pub struct Launch {
    pub step: Step,
    pub unit: Unit,
    /// Whether it is a matrix product.
    pub product: bool,
}

/// One layer, or what comes before and after all layers. A driver ends work that keeps a device busy for seconds, so stages
/// are submitted together only where they are short together.
pub type Stage = Vec<Launch>;

/// Binds kernels to weights and working memory.
pub struct Builder<'a> {
    pub device: &'a wgpu::Device,
    pub kernels: &'a Kernels,
    /// The matrix product with one of the tiles.
    pub linear: &'a Linear,
    pub weights: &'a Weights,
    pub work: &'a Workspace,
    pub architecture: &'a Architecture,
}

impl Builder<'_> {
    /// All stages, from tokens to pooled rows.
    pub fn stages(&self) -> Vec<Stage> {
        let first = std::iter::once(vec![self.embed()]);
        let layers = self.weights.layers.iter().map(|layer| self.layer(layer));
        first.chain(layers).chain(std::iter::once(vec![self.pool()])).collect()
    }

    /// The matrix products of the first layer, for timing.
    pub fn products(&self) -> Stage {
        let first = self.weights.layers.iter().take(1);
        first.flat_map(|layer| self.layer(layer)).filter(|launch| launch.product).collect()
    }

    fn embed(&self) -> Launch {
        let (w, weights) = (self.work, self.weights);
        let buffers = [&w.tokens, &weights.words, &weights.positions, &weights.norm.weight, &weights.norm.bias, &w.x];
        self.launch(&self.kernels.embed, Unit::Tokens, Grid { items: 1, groups: 1 }, &buffers)
    }

    fn layer(&self, layer: &Layer) -> Stage {
        let w = self.work;
        vec![
            self.linear(&layer.qkv, &w.x, &w.wide),
            self.attention(),
            self.linear(&layer.attention_out, &w.context, &w.narrow),
            self.layer_norm(&layer.attention_norm),
            self.linear(&layer.up, &w.x, &w.wide),
            self.linear(&layer.down, &w.wide, &w.narrow),
            self.layer_norm(&layer.output_norm),
        ]
    }

    fn linear(&self, layer: &buffers::Layer, from: &wgpu::Buffer, to: &wgpu::Buffer) -> Launch {
        let buffers = [&layer.shape, from, &layer.weights, &layer.bias, to];
        let grid = self.linear.tile.grid(layer.outputs);
        Launch { product: true, ..self.launch(&self.linear.pipeline, Unit::Tokens, grid, &buffers) }
    }

    fn attention(&self) -> Launch {
        let w = self.work;
        let grid = Grid { items: 1, groups: self.architecture.heads };
        self.launch(&self.kernels.attention, Unit::Tiles, grid, &[&w.tiles, &w.wide, &w.context])
    }

    fn layer_norm(&self, norm: &Norm) -> Launch {
        let w = self.work;
        let buffers = [&w.x, &w.narrow, &norm.weight, &norm.bias];
        self.launch(&self.kernels.layer_norm, Unit::Tokens, Grid { items: 1, groups: 1 }, &buffers)
    }

    fn pool(&self) -> Launch {
        let w = self.work;
        self.launch(&self.kernels.pool, Unit::Texts, Grid { items: 1, groups: 1 }, &[&w.spans, &w.x, &w.pooled])
    }

    fn launch(&self, pipeline: &wgpu::ComputePipeline, unit: Unit, grid: Grid, buffers: &[&wgpu::Buffer]) -> Launch {
        let buffers: Vec<_> = std::iter::once(self.work.count(unit)).chain(buffers.iter().copied()).collect();
        Launch { step: Step::new(self.device, pipeline, &buffers, grid), unit, product: false }
    }
}
