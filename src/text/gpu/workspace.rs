//! Working memory of a chunk. The device runs chunks one after another, so all chunks in flight share it. Only
//! readback has a buffer for each chunk.

use wgpu::BufferUsages as Usage;

use super::chunk::Chunk;
use super::limits::{head_width, widest};
use crate::compute::gpu::buffers::create;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::padded;
use crate::text::Architecture;

/// What a kernel has one or more invocations for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Tokens,
    /// Tiles of attention: up to 32 adjacent queries of one text.
    Tiles,
    Texts,
}

/// Buffers of a chunk.
#[derive(Debug)]
pub struct Workspace {
    /// Number of units in the chunk, for each [`Unit`].
    counts: [wgpu::Buffer; 3],
    pub tokens: wgpu::Buffer,
    pub tiles: wgpu::Buffer,
    pub spans: wgpu::Buffer,
    /// `[tokens][hidden]` hidden states.
    pub x: wgpu::Buffer,
    /// `[tokens][widest]` query, key and value joined, or the inner values of a feed-forward block.
    pub wide: wgpu::Buffer,
    /// `[tokens][heads][dim]` results of attention.
    pub context: wgpu::Buffer,
    /// `[tokens][hidden]` result of a block, which is then added to `x`.
    pub narrow: wgpu::Buffer,
    /// `[texts][hidden]` mean over each text.
    pub pooled: wgpu::Buffer,
}

impl Workspace {
    /// Memory for chunks of up to `tokens` tokens and up to as many texts.
    pub fn new(gpu: &Gpu, a: &Architecture, tokens: usize) -> Self {
        let rows = |label, width: usize| {
            create(gpu, label, (tokens * width * 4) as u64, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST)
        };
        let hidden = padded(a.hidden);
        Self {
            counts: ["tokens", "tiles", "texts"].map(|label| create(gpu, label, 16, Usage::UNIFORM | Usage::COPY_DST)),
            tokens: rows("tokens", 2),
            tiles: rows("tiles", 4),
            spans: rows("spans", 2),
            x: rows("x", hidden),
            wide: rows("wide", widest(a)),
            context: rows("context", a.heads * head_width(a)),
            narrow: rows("narrow", hidden),
            pooled: rows("pooled", hidden),
        }
    }

    /// Number of units in the chunk, which is the binding 0 of every kernel.
    pub fn count(&self, unit: Unit) -> &wgpu::Buffer {
        &self.counts[unit as usize]
    }

    /// Queues the upload of a chunk; it happens before the next submission.
    pub fn write(&self, gpu: &Gpu, chunk: &Chunk) {
        let write = |buffer: &wgpu::Buffer, bytes: &[u8]| gpu.queue.write_buffer(buffer, 0, bytes);
        for unit in [Unit::Tokens, Unit::Tiles, Unit::Texts] {
            write(self.count(unit), bytemuck::cast_slice(&[chunk.count(unit) as u32, 0, 0, 0]));
        }
        write(&self.tokens, bytemuck::cast_slice(&chunk.tokens));
        write(&self.tiles, bytemuck::cast_slice(&chunk.tiles));
        write(&self.spans, bytemuck::cast_slice(&chunk.spans));
    }
}

impl Chunk {
    /// Number of units in the chunk.
    pub fn count(&self, unit: Unit) -> usize {
        match unit {
            Unit::Tokens => self.tokens.len(),
            Unit::Tiles => self.tiles.len(),
            Unit::Texts => self.spans.len(),
        }
    }
}
