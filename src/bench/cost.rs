//! What an item costs, and how many this processor could do at most: the measure of what the kernels reach.

use crate::base::parallel::threads;
use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::Rates;
use crate::compute::cpu::simd;
use crate::engine::Stage;
use crate::model::Architecture;
use crate::text;

/// Bytes of a copy: more than caches hold.
const COPIED: usize = 64 << 20;
/// Multiply-adds of a measurement, by [`simd::multiply_adds`].
const ROUNDS: usize = 1 << 20;
/// Times that each is measured: the best counts.
const REPEATS: usize = 25;

/// What an item costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Floating-point operations.
    pub flops: f64,
    /// Bytes that are read: on a GPU, that go to the device.
    pub up: f64,
    /// Bytes that are written: on a GPU, that come back.
    pub down: f64,
}

impl Cost {
    /// Of a model's stages up to `stage`, as [`Engine::tokenize`](crate::engine::Engine::tokenize) runs them.
    pub fn of(a: &Architecture, stage: Stage) -> Self {
        let widths = a.widths();
        let mut products: usize = widths.windows(2).map(|w| w[0] * w[1]).sum();
        if stage == Stage::Quantize {
            products += a.experts * a.latent + a.slots() * a.levels * a.codes * a.latent;
        }
        let words = a.slots() * a.levels * 3 + a.top_n * 2;
        Self { flops: 2.0 * products as f64, up: 4.0 * a.input as f64, down: 4.0 * words as f64 }
    }

    /// Of a text, in the mean of `texts` of which the distinct ones have so many `tokens` each: without padding, a text has
    /// as much work as it has tokens, and what was embedded once needs none.
    pub fn of_text(a: &text::Architecture, tokens: &[f64], texts: usize) -> Self {
        let count = texts.max(1) as f64;
        let (all, squares) = (tokens.iter().sum::<f64>() / count, tokens.iter().map(|n| n * n).sum::<f64>() / count);
        let (h, inside) = (a.hidden as f64, a.intermediate as f64);
        let products = all * (4.0 * h * h + 2.0 * h * inside) + squares * 2.0 * h;
        Self { flops: 2.0 * products * a.layers as f64, up: 8.0 * all, down: 4.0 * h }
    }

    /// The floor of this processor, measured here and now on one thread, and what share of it `rates` are. Above 1 is what
    /// does without f32: a search for codes in bytes, a text encoder in integers.
    pub fn floor(&self, rates: &Rates) -> Map<String, Value> {
        let (flops, bytes) = (multiply_adds_per_second() * 2.0, bytes_per_second());
        let seconds = (self.flops / flops).max((self.up + self.down) / bytes);
        let threads = threads() as f64;
        let share = rates.items_per_cpu_second.unwrap_or(rates.items_per_second / threads) * seconds;
        let floor = json!({
            "flops_per_item": self.flops,
            "bytes_per_item": self.up + self.down,
            "gflops_a_thread": flops / 1e9,
            "gigabytes_a_thread": bytes / 1e9,
            "items_per_second": threads / seconds,
            "share": share,
        });
        Map::from_iter([("floor".to_owned(), floor)])
    }
}

/// Of one thread, in registers.
fn multiply_adds_per_second() -> f64 {
    let mut sums = [[1.0; simd::SUMS_WIDTH]; simd::SUMS];
    let run = || simd::multiply_adds(ROUNDS, black_box(&mut sums));
    (ROUNDS * simd::SUMS * simd::SUMS_WIDTH) as f64 / least_seconds(run)
}

/// Read and written by one thread.
fn bytes_per_second() -> f64 {
    let (from, mut to) = (vec![1u8; COPIED], vec![0u8; COPIED]);
    2.0 * COPIED as f64 / least_seconds(|| black_box(&mut to).copy_from_slice(black_box(&from)))
}

fn least_seconds(mut run: impl FnMut()) -> f64 {
    let mut time = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..REPEATS).map(|_| time()).min().unwrap_or(Duration::MAX).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_finite_and_goes_with_the_cost() {
        let rates = Rates { items_per_second: 10.0, items_per_cpu_second: Some(10.0), best_items_per_second: 10.0, runs: 3 };
        let share =
            |flops: f64, bytes: f64| Cost { flops, up: bytes, down: 0.0 }.floor(&rates)["floor"]["share"].as_f64().unwrap();
        assert!(share(1e6, 1.0) > 0.0 && share(1e12, 1.0) > share(1e6, 1.0) && share(1.0, 1e12) > share(1.0, 1e6));
    }
}
