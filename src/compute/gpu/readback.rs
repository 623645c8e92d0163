//! Results on their way back: copied to a staging buffer, mapped without blocking the browser.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::buffers::{CHOICE_WORDS, ROUTED_WORDS, Workspace, create};
use super::device::{Gpu, ScopeErrors, Scopes};
use super::limits::padded;
use crate::engine::gpu::steps::Goal;
use crate::engine::{EngineError, Tokenized, Want};
use crate::model::Architecture;

/// How long a device may take over the chunks in flight before it counts as hung.
#[cfg(not(target_arch = "wasm32"))]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(120);

/// A submitted chunk.
pub struct Pending {
    pub items: usize,
    pub goal: Goal,
    pub readback: Readback,
}

/// Submitted work whose results are on their way to the host.
pub struct Readback {
    staging: wgpu::Buffer,
    mapped: Mapped,
    errors: ScopeErrors,
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "browsers poll by themselves"))]
    submission: wgpu::SubmissionIndex,
}

/// Buffers that results of one chunk come from, with 32-bit words an item, in staging order.
fn sources<'w>(work: &'w Workspace, a: &Architecture, goal: Goal) -> Vec<(&'w wgpu::Buffer, usize)> {
    // Something small to wait for: nobody reads it.
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

/// Records copies of `items` times so many 32-bit words from each buffer into a new staging buffer, one after another.
pub fn copy_back(
    gpu: &Gpu,
    encoder: &mut wgpu::CommandEncoder,
    sources: &[(&wgpu::Buffer, usize)],
    items: usize,
) -> wgpu::Buffer {
    let size: usize = sources.iter().map(|s| 4 * items * s.1).sum();
    let staging = create(gpu, "results", size as u64, wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ);
    let mut offset = 0;
    for (buffer, words) in sources {
        let bytes = (4 * items * words) as u64;
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, offset, bytes);
        offset += bytes;
    }
    staging
}

impl Pending {
    /// Waits for the chunk, as [`Readback::words`].
    pub async fn finish(self, gpu: &Gpu, a: &Architecture) -> Result<Tokenized, EngineError> {
        let words = self.readback.words(gpu).await?;
        Ok(if let Goal::Tokens(want) = self.goal { unpack(&words, a, self.items, want) } else { Tokenized::default() })
    }
}

impl Readback {
    /// Submits what was recorded and begins to map `staging`, into which it copies. `scopes` were opened before.
    pub fn start(gpu: &Gpu, encoder: wgpu::CommandEncoder, staging: wgpu::Buffer, scopes: Scopes) -> Self {
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapped = Mapped::start(&staging);
        Self { staging, mapped, errors: scopes.close(), submission }
    }

    /// Waits for the results. Natively the device is polled here; a browser does so by itself.
    ///
    /// # Errors
    /// [`EngineError::Device`] on any error since the scopes were opened: bytes are never returned after one.
    pub async fn words(self, gpu: &Gpu) -> Result<Vec<u32>, EngineError> {
        #[cfg(not(target_arch = "wasm32"))]
        self.poll(gpu)?;
        let mapped = self.mapped.await;
        if let Some(error) = self.errors.await {
            return Err(gpu.fail(error.to_string()));
        }
        gpu.check()?;
        mapped.map_err(|e| gpu.fail(format!("results could not be read back: {e}")))?;
        let view = self.staging.get_mapped_range(..).map_err(|e| gpu.fail(format!("results could not be read back: {e}")))?;
        let words: Vec<u32> = view.as_chunks::<4>().0.iter().map(|b| u32::from_le_bytes(*b)).collect();
        drop(view);
        // At once: in a browser, memory would otherwise wait for the garbage collector.
        self.staging.destroy();
        Ok(words)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn poll(&self, gpu: &Gpu) -> Result<(), EngineError> {
        let wait = wgpu::PollType::Wait { submission_index: Some(self.submission.clone()), timeout: Some(PATIENCE) };
        gpu.device.poll(wait).map_err(|e| gpu.fail(format!("no answer: {e}")))?;
        // Nothing else polls, so a callback that has not come by now never comes.
        if self.mapped.is_ready() { Ok(()) } else { Err(gpu.fail("results were not mapped")) }
    }
}

/// Splits staged words into the engine's result; the order is that of [`sources`].
fn unpack(words: &[u32], a: &Architecture, items: usize, want: Want) -> Tokenized {
    let mut rest = words;
    let mut take = |each: usize| {
        let (part, after) = rest.split_at(items * each);
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

/// Floats of padded rows, without the padding.
pub fn unpad(words: &[u32], width: usize) -> Vec<f32> {
    words.chunks_exact(padded(width)).flat_map(|row| &row[..width]).map(|w| f32::from_bits(*w)).collect()
}

/// A buffer's mapping, as a future.
#[derive(Debug, Clone, Default)]
pub struct Mapped(Arc<Mutex<MapState>>);

#[derive(Debug, Default)]
struct MapState {
    result: Option<Result<(), wgpu::BufferAsyncError>>,
    waker: Option<Waker>,
}

impl Mapped {
    /// Starts mapping all of `buffer` for reading.
    pub fn start(buffer: &wgpu::Buffer) -> Self {
        let mapped = Self::default();
        let shared = mapped.clone();
        buffer.map_async(wgpu::MapMode::Read, .., move |result| {
            let mut state = shared.state();
            state.result = Some(result);
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
        });
        mapped
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn is_ready(&self) -> bool {
        self.state().result.is_some()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, MapState> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Future for Mapped {
    type Output = Result<(), wgpu::BufferAsyncError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.state();
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}
