//! The speed of the text encoder.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::text::TextEncoder;

/// Texts embedded in a unit of time, tokenization included: medians over whole passes.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct TextSpeed {
    /// Texts a second.
    pub items_per_second: f64,
    /// Texts a second of processor time, over all threads; only where the system tells it.
    pub items_per_cpu_second: Option<f64>,
    /// Passes over all texts.
    pub passes: usize,
}

/// Embeds `texts` on the CPU again and again, for `seconds` and at least once, after a short warm-up.
pub fn text(encoder: &TextEncoder, texts: &[String], seconds: f64) -> TextSpeed {
    black_box(encoder.embed(&texts[..texts.len().min(256)]));
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    while walls.is_empty() || Instant::now() < end {
        let (cpu, start) = (cpu_seconds(), Instant::now());
        black_box(encoder.embed(texts));
        walls.push(start.elapsed().as_secs_f64());
        cpus.extend(cpu_seconds().zip(cpu).map(|(after, before)| after - before));
    }
    let rate = |seconds: &mut Vec<f64>| {
        seconds.sort_by(f64::total_cmp);
        Some(texts.len() as f64 / seconds.get(seconds.len() / 2)?)
    };
    TextSpeed {
        items_per_second: rate(&mut walls).unwrap_or_default(),
        items_per_cpu_second: rate(&mut cpus),
        passes: walls.len(),
    }
}

/// Processor time of this process so far, user and system, from Linux's `/proc` in its ticks of 10 ms.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the program's name in parentheses, with whatever in it; utime and stime are 14th and 15th.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / 100.0)
}
