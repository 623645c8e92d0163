//! The launches of a chunk, in order, and which of them each goal needs.

use super::buffers::{Weights, Workspace};
use super::codebook::Division;
use super::kernels::Kernels;
use super::limits::GROUP;
use crate::compute::gpu::buffers::Layer;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::dispatch::{Grid, Step};
use crate::compute::gpu::kernels::Linear;
use crate::compute::gpu::limits::padded;
use crate::engine::{Stage, Want};
use crate::model::Architecture;

/// How far a chunk is computed.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// Up to its tokens, which are read back.
    Tokens(Want),
    /// Up to the end of a stage; results stay on the device.
    Stage(Stage),
}

/// The launches of a chunk, in order.
#[derive(Debug)]
pub struct Steps {
    /// Encoder and router.
    route: Vec<Step>,
    /// How many of these belong to the encoder.
    encode: usize,
    /// All quantizers; without margins and residual norms, and with them.
    quantize: [Step; 2],
    /// `ẑ`.
    mix: Step,
    /// Decoder and reconstruction error; nothing in a model without its decoder.
    reconstruct: Vec<Step>,
}

impl Steps {
    /// Binds every kernel to its buffers; `linear` is the matrix product with one of the tiles.
    pub fn new(
        device: &wgpu::Device,
        kernels: &Kernels,
        linear: &Linear,
        weights: &Weights,
        work: &Workspace,
        a: &Architecture,
    ) -> Self {
        let step =
            |pipeline, buffers: &[&wgpu::Buffer], items, groups| Step::new(device, pipeline, buffers, Grid { items, groups });
        let w = work;
        let mut route = Self::layers(device, linear, work, &weights.encoder, &w.x, &w.z);
        let encode = route.len();
        if let (Some(kernel), Some(router)) = (&kernels.route, &weights.router) {
            let buffers = [&w.batch, &w.z, &router.weights, &router.bias, &w.routed, &w.counts, &w.lists];
            route.push(step(kernel, &buffers, GROUP, 1));
        }
        let Weights { slabs, half_norms, codebooks, .. } = weights;
        let buffers = [&w.batch, &w.z, slabs, half_norms, codebooks, &w.counts, &w.lists, &w.codes, &w.details];
        let quantize = |kernel| step(kernel, &buffers, Division::of(a).pairs, a.quantizers());
        let [plain, detailed] = &kernels.quantize;
        let quantize = [quantize(plain), quantize(detailed)];
        let buffers = [&w.batch, &w.routed, &w.codes, &weights.codebooks, &w.z_hat];
        let mix = step(&kernels.mix, &buffers, GROUP, padded(a.latent) / 4);
        let mut reconstruct = Vec::new();
        if let Some(last) = weights.decoder.len().checked_sub(1) {
            let x_hat = &w.hidden[last % 2];
            reconstruct = Self::layers(device, linear, work, &weights.decoder, &w.z_hat, x_hat);
            reconstruct.push(step(&kernels.error, &[&w.batch, &w.x, x_hat, &w.errors], 1, 1));
        }
        Self { route, encode, quantize, mix, reconstruct }
    }

    /// Whether the model can reconstruct.
    pub fn reconstructs(&self) -> bool {
        !self.reconstruct.is_empty()
    }

    /// Records the launches for a chunk of `items` items.
    pub fn record(&self, gpu: &Gpu, encoder: &mut wgpu::CommandEncoder, items: usize, goal: Goal) {
        let max = gpu.device.limits().max_compute_workgroups_per_dimension;
        let mut pass = encoder.begin_compute_pass(&Default::default());
        self.needed_by(goal).iter().for_each(|step| step.record(&mut pass, items, max));
    }

    /// The launches that a goal needs.
    fn needed_by(&self, goal: Goal) -> Vec<&Step> {
        let count = match goal {
            Goal::Stage(Stage::Encode) => self.encode,
            // In a model without experts these are the encoder's.
            _ => self.route.len(),
        };
        let mut steps: Vec<&Step> = self.route[..count].iter().collect();
        let want = match goal {
            Goal::Stage(Stage::Encode | Stage::Route) => return steps,
            Goal::Stage(Stage::Quantize) => Want::default(),
            Goal::Tokens(want) => want,
        };
        steps.push(&self.quantize[usize::from(want.details())]);
        if want.latents || want.reconstruction {
            steps.push(&self.mix);
        }
        if want.reconstruction {
            steps.extend(&self.reconstruct);
        }
        steps
    }

    /// Layers from `input` to `output`, by way of the two hidden buffers in turn.
    fn layers(
        device: &wgpu::Device,
        linear: &Linear,
        work: &Workspace,
        layers: &[Layer],
        input: &wgpu::Buffer,
        output: &wgpu::Buffer,
    ) -> Vec<Step> {
        let mut from = input;
        let mut steps = Vec::new();
        for (i, layer) in layers.iter().enumerate() {
            let to = if i + 1 == layers.len() { output } else { &work.hidden[i % 2] };
            let buffers = [&work.batch, &layer.shape, from, &layer.weights, &layer.bias, to];
            steps.push(Step::new(device, &linear.pipeline, &buffers, linear.tile.grid(layer.outputs)));
            from = to;
        }
        steps
    }
}
