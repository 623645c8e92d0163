//! The launches of a chunk, in order, and which of them each goal needs.

use super::buffers::{Weights, Workspace};
use super::kernels::Kernels;
use super::limits::{GROUP, pairs_per_invocation};
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
    /// Encoder, router, quantizers.
    tokenize: Vec<Step>,
    /// How many of these belong to the encoder.
    encode: usize,
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
        let mut tokenize = Self::layers(device, linear, work, &weights.encoder, &w.x, &w.z);
        let encode = tokenize.len();
        if let (Some(route), Some(router)) = (&kernels.route, &weights.router) {
            let buffers = [&w.batch, &w.z, &router.weights, &router.bias, &w.routed, &w.counts, &w.lists];
            tokenize.push(step(route, &buffers, GROUP, 1));
        }
        let buffers = [&w.batch, &w.z, &weights.codebooks, &weights.half_norms, &w.counts, &w.lists, &w.choices];
        tokenize.push(step(&kernels.quantize, &buffers, GROUP * pairs_per_invocation(a), a.quantizers()));
        let buffers = [&w.batch, &w.routed, &w.choices, &weights.codebooks, &w.z_hat];
        let mix = step(&kernels.mix, &buffers, GROUP, padded(a.latent) / 4);
        let mut reconstruct = Vec::new();
        if let Some(last) = weights.decoder.len().checked_sub(1) {
            let x_hat = &w.hidden[last % 2];
            reconstruct = Self::layers(device, linear, work, &weights.decoder, &w.z_hat, x_hat);
            reconstruct.push(step(&kernels.error, &[&w.batch, &w.x, x_hat, &w.errors], 1, 1));
        }
        Self { tokenize, encode, mix, reconstruct }
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
            // All but the last, which quantizes. In a model without experts these are the encoder's.
            Goal::Stage(Stage::Route) => self.tokenize.len() - 1,
            Goal::Stage(Stage::Quantize) | Goal::Tokens(_) => self.tokenize.len(),
        };
        let mut steps: Vec<&Step> = self.tokenize[..count].iter().collect();
        let Goal::Tokens(want) = goal else { return steps };
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
