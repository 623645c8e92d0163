//! Reading back the results of a chunk: the buffers they come from, and the meaning of their words.

use super::buffers::{CHOICE_WORDS, ROUTED_WORDS, Workspace};
use super::steps::Goal;
use crate::compute::DeviceError;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::padded;
use crate::compute::gpu::readback::{Readback, copy_back, unpad};
use crate::engine::{Tokenized, Want};
use crate::model::Architecture;

/// A submitted chunk.
pub struct Pending {
    pub items: usize,
    pub goal: Goal,
    pub readback: Readback,
}

/// Buffers from which a chunk's results are copied, each with its number of 32-bit words an item, in the order of copying.
fn sources<'w>(work: &'w Workspace, a: &Architecture, goal: Goal) -> Vec<(&'w wgpu::Buffer, usize)> {
    // A small buffer to wait for; its content is not used.
    let Goal::Tokens(want) = goal else { return vec![(&work.choices, 1)] };
    let mut sources = vec![(&work.choices, a.slots() * a.levels * CHOICE_WORDS)];
    if a.top_n > 0 {
        sources.push((&work.routed, a.top_n * ROUTED_WORDS));
    }
    if want.latents {
        sources.extend([(&work.z, padded(a.latent)), (&work.z_hat, padded(a.latent))]);
    }
    if want.reconstruction {
        sources.push((&work.errors, 1));
    }
    sources
}

/// Records the copies of a chunk's results into a new staging buffer.
pub fn record_copies(
    gpu: &Gpu,
    encoder: &mut wgpu::CommandEncoder,
    work: &Workspace,
    a: &Architecture,
    items: usize,
    goal: Goal,
) -> wgpu::Buffer {
    copy_back(gpu, encoder, &sources(work, a, goal), items)
}

impl Pending {
    /// Waits for the chunk's results; empty ones if its goal was a stage.
    ///
    /// # Errors
    /// As [`Readback::words`].
    pub async fn finish(self, gpu: &Gpu, a: &Architecture) -> Result<Tokenized, DeviceError> {
        let words = self.readback.words(gpu).await?;
        Ok(if let Goal::Tokens(want) = self.goal { unpack(&words, a, self.items, want) } else { Tokenized::default() })
    }
}

/// Splits the words that were read back into the engine's result; their order is that of [`sources`].
fn unpack(words: &[u32], a: &Architecture, items: usize, want: Want) -> Tokenized {
    let mut rest = words;
    let mut take = |per_item: usize| {
        let (part, after) = rest.split_at(items * per_item);
        rest = after;
        part
    };
    let choices = take(a.slots() * a.levels * CHOICE_WORDS).as_chunks::<CHOICE_WORDS>().0;
    let routed = take(a.top_n * ROUTED_WORDS).as_chunks::<ROUTED_WORDS>().0;
    let mut latents = || unpad(take(padded(a.latent)), a.latent);
    let (z, z_hat) = if want.latents { (Some(latents()), Some(latents())) } else { (None, None) };
    Tokenized {
        items,
        top_n: a.top_n,
        slots: a.slots(),
        levels: a.levels,
        experts: routed.iter().map(|r| r[0]).collect(),
        gates: routed.iter().map(|r| f32::from_bits(r[1])).collect(),
        codes: choices.iter().map(|c| c[0]).collect(),
        margins: if want.margins { choices.iter().map(|c| f32::from_bits(c[1])).collect() } else { Vec::new() },
        residual_norms: choices.iter().map(|c| f32::from_bits(c[2])).collect(),
        z,
        z_hat,
        reconstruction: want.reconstruction.then(|| take(1).iter().map(|w| f32::from_bits(*w)).collect()),
    }
}
