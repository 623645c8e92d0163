//! Reading results back: they are copied to a staging buffer, which is mapped without blocking the browser.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::buffers::create;
use super::device::{Gpu, ScopeErrors, Scopes};
use crate::base::parallel::fill_chunks;
use crate::compute::DeviceError;

/// How long a device may take for the chunks in flight before it counts as hung.
#[cfg(not(target_arch = "wasm32"))]
const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(120);

/// Submitted work whose results are on their way to the host.
pub struct Readback {
    staging: wgpu::Buffer,
    mapped: Mapped,
    errors: ScopeErrors,
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "browsers poll by themselves"))]
    submission: wgpu::SubmissionIndex,
}

/// Records copies into a new staging buffer, one after another: from each buffer of `sources`, `items` times its number of
/// 32-bit words.
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

impl Readback {
    /// Submits what was recorded and starts to map `staging`, into which it copies. `scopes` were opened before recording.
    pub fn start(gpu: &Gpu, encoder: wgpu::CommandEncoder, staging: wgpu::Buffer, scopes: Scopes) -> Self {
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapped = Mapped::start(&staging);
        Self { staging, mapped, errors: scopes.close(), submission }
    }

    /// Waits for the results and gives their bytes to `take`. Natively the device is polled here; a browser does so by itself.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`] on any error since the scopes were opened: bytes are never given after one.
    pub async fn read<R>(self, gpu: &Gpu, take: impl FnOnce(&[u8]) -> R) -> Result<R, DeviceError> {
        #[cfg(not(target_arch = "wasm32"))]
        self.poll(gpu)?;
        let mapped = self.mapped.await;
        if let Some(error) = self.errors.await {
            return Err(gpu.fail(error.to_string()));
        }
        gpu.check()?;
        mapped.map_err(|e| gpu.fail(format!("results could not be read back: {e}")))?;
        let view = self.staging.get_mapped_range(..).map_err(|e| gpu.fail(format!("results could not be read back: {e}")))?;
        let taken = take(&view);
        drop(view);
        // Freed at once: in a browser, the memory would otherwise wait for the garbage collector.
        self.staging.destroy();
        Ok(taken)
    }

    #[cfg(not(target_arch = "wasm32"))]
    fn poll(&self, gpu: &Gpu) -> Result<(), DeviceError> {
        let wait = wgpu::PollType::Wait { submission_index: Some(self.submission.clone()), timeout: Some(TIMEOUT) };
        gpu.device.poll(wait).map_err(|e| gpu.fail(format!("no answer: {e}")))?;
        // Nothing else polls, so a callback that has not come by now never comes.
        if self.mapped.is_ready() { Ok(()) } else { Err(gpu.fail("results were not mapped")) }
    }
}

/// Records that a thread copies at a time.
const PART: usize = 4096;

/// Copies from each record of `stride` words in `from` the `width` words at `offset`, on all threads.
pub fn copy_words(from: &[u8], (stride, offset): (usize, usize), into: &mut [u32], width: usize) {
    copy_records((from, 4 * stride), (into, width), |record, into| {
        let words = record.as_chunks::<4>().0[offset..].iter().map(|bytes| u32::from_le_bytes(*bytes));
        into.iter_mut().zip(words).for_each(|(into, word)| *into = word);
    });
}

/// Applies `copy` to each record of `size` bytes and the `width` words that it becomes, on all threads.
pub fn copy_records(
    (from, size): (&[u8], usize),
    (into, width): (&mut [u32], usize),
    copy: impl Fn(&[u8], &mut [u32]) + Sync + Send,
) {
    if into.is_empty() {
        return;
    }
    fill_chunks(
        (from, size * PART),
        (into, width * PART),
        || (),
        |(), from, into| {
            from.chunks_exact(size).zip(into.chunks_exact_mut(width)).for_each(|(record, into)| copy(record, into));
        },
    );
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
