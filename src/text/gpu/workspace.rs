//! Working memory for one chunk. The queue runs chunks one after the other, so one set serves all chunks in
//! flight; only what is read back has its own buffer for each.

use wgpu::BufferUsages as Usage;

use super::chunk::Chunk;
use super::limits::{head_width, widest};
use crate::compute::gpu::buffers::create;
use crate::compute::gpu::device::Gpu;
use crate::compute::gpu::limits::padded;
use crate::text::Architecture;

/// What a kernel runs over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Tokens,
    /// Of attention: up to 32 neighbouring queries of one text.
    Tiles,
    Texts,
}

/// Buffers of a chunk.
#[derive(Debug)]
pub struct Workspace {
    /// `{items}` for each [`Over`].
    counts: [wgpu::Buffer; 3],
    pub tokens: wgpu::Buffer,
    pub tiles: wgpu::Buffer,
    pub spans: wgpu::Buffer,
    /// `[tokens][hidden]`: what goes from layer to layer.
    pub x: wgpu::Buffer,
    /// `[tokens][widest]`: queries, keys and values; the inside of a feed-forward block.
    pub wide: wgpu::Buffer,
    /// `[tokens][heads][dim]`.
    pub context: wgpu::Buffer,
    /// `[tokens][hidden]`: what is added to `x`.
    pub narrow: wgpu::Buffer,
    /// `[texts][hidden]`.
    pub pooled: wgpu::Buffer,
}

impl Workspace {
    /// Memory for chunks of up to `tokens` tokens, and as many texts.
    pub fn new(gpu: &Gpu, a: &Architecture, tokens: usize) -> Self {
        let words = |label, each: usize| {
            create(gpu, label, (tokens * each * 4) as u64, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST)
        };
        let hidden = padded(a.hidden);
        Self {
            counts: ["tokens", "tiles", "texts"].map(|label| create(gpu, label, 16, Usage::UNIFORM | Usage::COPY_DST)),
            tokens: words("tokens", 2),
            tiles: words("tiles", 4),
            spans: words("spans", 2),
            x: words("x", hidden),
            wide: words("wide", widest(a)),
            context: words("context", a.heads * head_width(a)),
            narrow: words("narrow", hidden),
            pooled: words("pooled", hidden),
        }
    }

    /// How many there are of what a kernel runs over, for its binding 0.
    pub fn count(&self, over: Over) -> &wgpu::Buffer {
        &self.counts[over as usize]
    }

    /// Queues the upload of a chunk, before what is submitted next.
    pub fn write(&self, gpu: &Gpu, chunk: &Chunk) {
        let write = |buffer: &wgpu::Buffer, bytes: &[u8]| gpu.queue.write_buffer(buffer, 0, bytes);
        for over in [Over::Tokens, Over::Tiles, Over::Texts] {
            write(self.count(over), bytemuck::cast_slice(&[chunk.count(over) as u32, 0, 0, 0]));
        }
        write(&self.tokens, bytemuck::cast_slice(&chunk.tokens));
        write(&self.tiles, bytemuck::cast_slice(&chunk.tiles));
        write(&self.spans, bytemuck::cast_slice(&chunk.spans));
    }
}

impl Chunk {
    /// How many there are of what a kernel runs over.
    pub fn count(&self, over: Over) -> usize {
        match over {
            Over::Tokens => self.tokens.len(),
            Over::Tiles => self.tiles.len(),
            Over::Texts => self.spans.len(),
        }
    }
}
