//! Reading back the results of a chunk: the buffers they come from, and the meaning of their bytes.

use super::buffers::{DETAIL_WORDS, ROUTED_WORDS, Workspace};
use super::codebook::{code_bits, code_words};
use super::steps::Goal;
use crate::compute::DeviceError;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::padded;
use crate::compute::gpu::readback::{Readback, Values, copy_back};
use crate::engine::{Tokenized, Want};
use crate::model::Architecture;

/// A submitted chunk.
pub struct Pending {
    /// Number of its first item among all.
    pub first: usize,
    pub items: usize,
    pub goal: Goal,
    pub readback: Readback,
}

/// Buffers from which a chunk's results are copied, each with its number of 32-bit words an item, in the order of copying.
fn sources<'w>(work: &'w Workspace, a: &Architecture, goal: Goal) -> Vec<(&'w wgpu::Buffer, usize)> {
    // A small buffer to wait for; its content is not used.
    let Goal::Tokens(want) = goal else { return vec![(&work.codes, 1)] };
    let mut sources = vec![(&work.codes, a.slots() * code_words(a))];
    if a.top_n > 0 {
        sources.push((&work.routed, a.top_n * ROUTED_WORDS));
    }
    if want.details() {
        sources.push((&work.details, a.slots() * a.levels * DETAIL_WORDS));
    }
    if want.latents {
        sources.extend([(&work.z, padded(a.latent)), (&work.z_hat, padded(a.latent))]);
    }
    if want.reconstruction {
        sources.push((&work.errors, 1));
    }
    sources
}

/// Records the copies of a chunk's results into a staging buffer.
pub fn record_copies(
    gpu: &Gpu,
    encoder: &mut wgpu::CommandEncoder,
    work: &Workspace,
    a: &Architecture,
    items: usize,
    goal: Goal,
) -> (wgpu::Buffer, u64) {
    copy_back(gpu, encoder, &sources(work, a, goal), items)
}

impl Pending {
    /// Waits for the chunk's results and puts them in their place in `all`; nothing if its goal was a stage.
    ///
    /// # Errors
    /// As [`Readback::bytes`].
    pub async fn finish(self, gpu: &Gpu, a: &Architecture, all: &mut Tokenized) -> Result<(), DeviceError> {
        let Self { first, items, goal, mut readback } = self;
        let bytes = readback.bytes(gpu).await?;
        if let Goal::Tokens(want) = goal {
            unpack(&bytes, a, want, (first, items), all);
        }
        drop(bytes);
        readback.end(gpu);
        Ok(())
    }
}

/// A result for `items` items, to be filled chunk by chunk: its memory is taken once.
pub fn zeroed(a: &Architecture, want: Want, items: usize) -> Tokenized {
    let choices = items * a.slots() * a.levels;
    let some = |wanted: bool, length: usize| wanted.then(|| vec![0.0; length]);
    Tokenized {
        items,
        experts: vec![0; items * a.top_n],
        gates: vec![0.0; items * a.top_n],
        codes: vec![0; choices],
        residual_norms: some(want.residual_norms, choices).unwrap_or_default(),
        margins: some(want.margins, choices).unwrap_or_default(),
        z: some(want.latents, items * a.latent),
        z_hat: some(want.latents, items * a.latent),
        reconstruction: some(want.reconstruction, items),
        ..Tokenized::empty(a, want)
    }
}

/// Puts the bytes of a chunk's results, in the order of [`sources`], in the places of its items in `all`.
fn unpack(bytes: &[u8], a: &Architecture, want: Want, (first, items): (usize, usize), all: &mut Tokenized) {
    let mut rest = bytes;
    let mut take = |words: usize| {
        let (part, after) = rest.split_at(4 * items * words);
        rest = after;
        part
    };
    let place = |per_item: usize| first * per_item..(first + items) * per_item;
    let choices = a.slots() * a.levels;
    let codes = Values { stride: 4 * code_words(a), offset: 0, size: code_bits(a) / 8, count: a.levels };
    codes.copy(take(a.slots() * code_words(a)), &mut all.codes[place(choices)]);
    let floats = |values: Values, from: &[u8], into: &mut [f32]| values.copy(from, bytemuck::cast_slice_mut(into));
    let routed = take(a.top_n * ROUTED_WORDS);
    Values::words(ROUTED_WORDS, 0, 1).copy(routed, &mut all.experts[place(a.top_n)]);
    floats(Values::words(ROUTED_WORDS, 1, 1), routed, &mut all.gates[place(a.top_n)]);
    if want.details() {
        let details = take(choices * DETAIL_WORDS);
        for (offset, into) in [&mut all.margins, &mut all.residual_norms].into_iter().enumerate() {
            if !into.is_empty() {
                floats(Values::words(DETAIL_WORDS, offset, 1), details, &mut into[place(choices)]);
            }
        }
    }
    for into in [&mut all.z, &mut all.z_hat].into_iter().flatten() {
        floats(Values::words(padded(a.latent), 0, a.latent), take(padded(a.latent)), &mut into[place(a.latent)]);
    }
    if let Some(errors) = &mut all.reconstruction {
        floats(Values::words(1, 0, 1), take(1), &mut errors[place(1)]);
    }
}
