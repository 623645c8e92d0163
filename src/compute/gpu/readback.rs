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
    /// Bytes of the results, which may be fewer than the buffer has.
    size: u64,
    mapped: Mapped,
    errors: ScopeErrors,
    #[cfg_attr(target_arch = "wasm32", expect(dead_code, reason = "browsers poll by themselves"))]
    submission: wgpu::SubmissionIndex,
}

/// Records copies into a staging buffer, one after another: from each buffer of `sources`, `items` times its number of
/// 32-bit words. Returns the buffer and how many bytes of it are used.
pub fn copy_back(
    gpu: &Gpu,
    encoder: &mut wgpu::CommandEncoder,
    sources: &[(&wgpu::Buffer, usize)],
    items: usize,
) -> (wgpu::Buffer, u64) {
    let words: usize = sources.iter().map(|s| items * s.1).sum();
    let staging = staging(gpu, 4 * words as u64);
    let mut offset = 0;
    for (buffer, words) in sources {
        let bytes = (4 * items * words) as u64;
        encoder.copy_buffer_to_buffer(buffer, 0, &staging, offset, bytes);
        offset += bytes;
    }
    (staging, offset)
}

/// A staging buffer of at least `size` bytes: one that is kept, or a new one, so large that it will do for similar results.
pub fn staging(gpu: &Gpu, size: u64) -> wgpu::Buffer {
    let usage = wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ;
    gpu.staging.take(size).unwrap_or_else(|| create(gpu, "results", size.next_power_of_two().max(4), usage))
}

impl Readback {
    /// Submits what was recorded and starts to map `size` bytes of `staging`, into which it copies. `scopes` were opened before
    /// recording.
    pub fn start(gpu: &Gpu, encoder: wgpu::CommandEncoder, (staging, size): (wgpu::Buffer, u64), scopes: Scopes) -> Self {
        let submission = gpu.queue.submit([encoder.finish()]);
        let mapped = Mapped::start(&staging, size);
        Self { staging, size, mapped, errors: scopes.close(), submission }
    }

    /// Waits for the bytes of the results, which are lent until [`Self::end`]. Natively the device is polled here; a browser does so by itself.
    ///
    /// # Errors
    /// [`DeviceError::Stopped`] on any error since the scopes were opened: bytes are never returned after one.
    pub async fn bytes(&mut self, gpu: &Gpu) -> Result<wgpu::BufferView, DeviceError> {
        #[cfg(not(target_arch = "wasm32"))]
        self.poll(gpu)?;
        let mapped = self.mapped.clone().await;
        if let Some(error) = self.errors.as_mut().await {
            return Err(gpu.fail(error.to_string()));
        }
        gpu.check()?;
        let unread = || gpu.fail("results could not be read back");
        mapped.map_err(|_| unread())?;
        self.staging.get_mapped_range(..self.size).map_err(|_| unread())
    }

    /// Gives the staging buffer back, after its bytes were taken.
    pub fn end(self, gpu: &Gpu) {
        self.staging.unmap();
        gpu.staging.keep(self.staging);
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

/// Where values lie in what was read back.
#[derive(Debug, Clone, Copy)]
pub struct Values {
    /// Bytes from one record to the next.
    pub stride: usize,
    /// Bytes of a record before its values.
    pub offset: usize,
    /// Bytes of a value: 1, 2 or 4.
    pub size: usize,
    /// Values that are taken of each record.
    pub count: usize,
}

impl Values {
    /// `count` 32-bit words of records of `stride` words, after `offset` words.
    pub fn words(stride: usize, offset: usize, count: usize) -> Self {
        Self { stride: 4 * stride, offset: 4 * offset, size: 4, count }
    }

    /// Copies the values of every record of `from`, widened to words, on all threads.
    pub fn copy(self, from: &[u8], into: &mut [u32]) {
        let Self { stride, offset, size, count } = self;
        if into.is_empty() {
            return;
        }
        let part = |(): &mut (), from: &[u8], into: &mut [u32]| {
            for (record, into) in from.chunks_exact(stride).zip(into.chunks_exact_mut(count)) {
                for (bytes, into) in record[offset..].chunks_exact(size).zip(into) {
                    *into = match *bytes {
                        [a] => a.into(),
                        [a, b] => u16::from_le_bytes([a, b]).into(),
                        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
                        _ => 0,
                    };
                }
            }
        };
        fill_chunks((from, stride * PART), (into, count * PART), || (), part);
    }
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
    /// Starts mapping the first `size` bytes of `buffer` for reading.
    pub fn start(buffer: &wgpu::Buffer, size: u64) -> Self {
        let mapped = Self::default();
        let shared = mapped.clone();
        buffer.map_async(wgpu::MapMode::Read, ..size, move |result| {
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
