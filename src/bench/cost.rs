//! Arithmetic and memory traffic per item, and the time that this processor needs for them at least. The measured rates are
//! compared with that floor, as in a roofline model.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::Rates;
use crate::base::parallel::threads;
use crate::compute::cpu::simd;
use crate::engine::Stage;
use crate::model::Architecture;
use crate::text;

/// Bytes of a measured copy: more than the caches hold.
const COPY_BYTES: usize = 64 << 20;
/// Rounds of [`simd::multiply_adds`] in a measurement.
const ROUNDS: usize = 1 << 20;
/// Times that each rate is measured; the fastest counts.
const REPEATS: usize = 25;

/// Work per item.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Floating-point operations.
    pub flops: f64,
    /// Bytes that are read, or on a GPU uploaded to the device.
    pub up: f64,
    /// Bytes that are written, or on a GPU read back.
    pub down: f64,
}

impl Cost {
    /// Work per item in a model's stages up to `stage`, as [`Engine::tokenize`](crate::engine::Engine::tokenize) runs them.
    pub fn per_item(a: &Architecture, stage: Stage) -> Self {
        let widths = a.widths();
        let mut products: usize = widths.windows(2).map(|w| w[0] * w[1]).sum();
        if stage == Stage::Quantize {
            products += a.experts * a.latent + a.slots() * a.levels * a.codes * a.latent;
        }
        let code = if a.codes <= 256 { 1 } else { 2 };
        let down = a.slots() * a.levels * code + a.top_n * 8;
        Self { flops: 2.0 * products as f64, up: 4.0 * a.input as f64, down: down as f64 }
    }

    /// Mean work per text over `texts` texts, of which the distinct ones have the given numbers of `tokens`. There is no
    /// padding, so a text's work follows its own length, and a repeated text is embedded only once.
    pub fn per_text(a: &text::Architecture, tokens: &[f64], texts: usize) -> Self {
        let count = texts.max(1) as f64;
        let (all, squares) = (tokens.iter().sum::<f64>() / count, tokens.iter().map(|n| n * n).sum::<f64>() / count);
        let (h, inside) = (a.hidden as f64, a.intermediate as f64);
        let products = all * (4.0 * h * h + 2.0 * h * inside) + squares * 2.0 * h;
        Self { flops: 2.0 * products * a.layers as f64, up: 8.0 * all, down: 4.0 * h }
    }

    /// The JSON object `floor`: the peak rates of one thread of this processor, measured now, the items per second that they
    /// allow, and the share of those that `rates` reach. The share exceeds 1 where the work is not done in f32: codes are
    /// screened in bytes, and a text encoder may run in integers.
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

/// Peak rate of one thread, on values in registers.
fn multiply_adds_per_second() -> f64 {
    let mut sums = [[1.0; simd::SUMS_WIDTH]; simd::SUMS];
    let run = || simd::multiply_adds(ROUNDS, black_box(&mut sums));
    (ROUNDS * simd::SUMS * simd::SUMS_WIDTH) as f64 / least_seconds(run)
}

/// Bytes that one thread reads and writes per second.
fn bytes_per_second() -> f64 {
    let (from, mut to) = (vec![1u8; COPY_BYTES], vec![0u8; COPY_BYTES]);
    2.0 * COPY_BYTES as f64 / least_seconds(|| black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// Seconds of the fastest of some runs.
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
    fn the_floor_is_finite_and_rises_with_the_cost() {
        let rates = Rates { items_per_second: 10.0, items_per_cpu_second: Some(10.0), best_items_per_second: 10.0, runs: 3 };
        let share =
            |flops: f64, bytes: f64| Cost { flops, up: bytes, down: 0.0 }.floor(&rates)["floor"]["share"].as_f64().unwrap();
        assert!(share(1e6, 1.0) > 0.0 && share(1e12, 1.0) > share(1e6, 1.0) && share(1.0, 1e12) > share(1.0, 1e6));
    }
}
