//! Staging buffers, through which results are read back. They are kept, because new memory costs more than the copy.

use std::sync::{Mutex, MutexGuard};

use super::limits::CHUNKS_IN_FLIGHT;

/// Most buffers that are kept: one more than there are chunks in flight.
const MOST: usize = CHUNKS_IN_FLIGHT + 1;

/// Buffers that wait for the next results. None is mapped.
#[derive(Debug, Default)]
pub struct Staging(Mutex<Vec<wgpu::Buffer>>);

impl Staging {
    /// A buffer of at least `size` bytes.
    pub fn take(&self, size: u64) -> Option<wgpu::Buffer> {
        let mut kept = self.kept();
        kept.iter().position(|buffer| buffer.size() >= size).map(|i| kept.swap_remove(i))
    }

    /// Keeps a buffer; of too many, the smallest goes.
    pub fn keep(&self, buffer: wgpu::Buffer) {
        let mut kept = self.kept();
        kept.push(buffer);
        if kept.len() > MOST {
            let smallest = (0..kept.len()).min_by_key(|&i| kept[i].size()).unwrap_or(0);
            // Freed at once: in a browser, the memory would otherwise wait for the garbage collector.
            kept.swap_remove(smallest).destroy();
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<wgpu::Buffer>> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }
}
