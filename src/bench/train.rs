//! Speed of a joint training step on the CPU, over random data.
//!
//! `xtask/peers/train.py` times the same step in PyTorch.

use std::time::Instant;

use serde::Serialize;

use crate::config::{Config, FORMAT_VERSION, TextConfig};
use crate::engine::scale_rows;
use crate::train::TrainError;
use crate::train::config::{Preset, TrainConfig};
use crate::train::data::{Batches, Domain, generator};
use crate::train::init;
use crate::train::losses::{hsic::mutual_information, quantization::quantize_batch};
use crate::train::mlp;
use crate::train::network::{Device, Network, Objective};
use crate::train::optimizer::AdamW;
use crate::weights::{Linear, Model};

/// Items of each domain: more than a batch, few enough to be made in a moment.
const ITEMS: usize = 2048;
/// Groups of alike items in a domain.
const CLUSTERS: usize = 64;
/// Steps before the clock starts.
const WARM_UP: usize = 3;

/// How fast training is, and where the time of a step goes.
#[derive(Debug, Clone, Serialize)]
pub struct TrainSpeed {
    /// `small` or `paper`.
    pub config: &'static str,
    /// Threads that worked.
    pub threads: usize,
    /// Items of a batch.
    pub batch: usize,
    /// Steps that were timed.
    pub steps: usize,
    /// Steps a second, by the clock.
    pub steps_per_second: f64,
    /// Items a second, by the clock.
    pub items_per_second: f64,
    /// Steps a second of processor time over all threads, where the system tells it.
    pub steps_per_cpu_second: Option<f64>,
    /// The middle step, in milliseconds.
    pub median_step_ms: f64,
    /// Loss of the first and the last step.
    pub loss: [f64; 2],
    /// Where a step goes.
    pub parts: Parts,
}

/// Milliseconds of the parts of a step, each timed alone on the shapes of a step.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Parts {
    /// Encoder and decoder, forward and backward.
    pub layers: f64,
    /// Routing, codes, `L_rq` and its gradients.
    pub quantization: f64,
    /// `L_mi` and its gradient.
    pub information: f64,
    /// AdamW.
    pub optimizer: f64,
    /// The rest of the step: batch, mixing, reconstruction loss.
    pub rest: f64,
}

/// Trains with the shapes of `preset` on `threads` threads for about `seconds`.
pub fn train(preset: Preset, threads: usize, seconds: f64, seed: u64) -> Result<TrainSpeed, TrainError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("the system gives threads");
    pool.install(|| Bench::new(preset, seed)?.run(preset, seconds))
}

/// A model in the middle of its training, and its data.
struct Bench {
    config: TrainConfig,
    domains: Vec<Domain>,
    width: usize,
    model: Model,
    network: Network,
}

impl Bench {
    /// `small` is the default of `unitok train` over six domains, `paper` the paper's ten domains and widths.
    fn new(preset: Preset, seed: u64) -> Result<Self, TrainError> {
        let (width, count, latent, items_per_domain) = match preset {
            Preset::Small => (384, 6, 24, 170),
            Preset::Paper => (768, 10, 32, 102),
        };
        let mut config = TrainConfig { seed, ..TrainConfig::default() };
        (config.model.preset, config.model.latent, config.recipe.items_per_domain) = (preset, latent, items_per_domain);
        let model = config.architecture(width, count);
        let domains: Vec<Domain> = (0..count).map(|k| clustered(k, width, seed)).collect();
        let names = domains.iter().map(|d| d.name.clone()).collect();
        let model_config = Config { format_version: FORMAT_VERSION, domains: names, model, text: TextConfig::default() };
        let mut model = init::xavier(model_config, seed);
        let latents: Vec<Vec<f32>> = domains.iter().map(|d| last(mlp::forward(&model.encoder, &d.rows))).collect();
        config.recipe.kmeans_iterations = 2;
        init::from_latents(&mut model, &latents, &config.recipe, seed);
        let network = Network { device: Device::Cpu, loss: config.loss.clone(), lambda_mi: config.lambda_mi(), domains: count };
        Ok(Self { config, domains, width, model, network })
    }

    fn run(mut self, preset: Preset, seconds: f64) -> Result<TrainSpeed, TrainError> {
        let per_domain = self.config.recipe.items_per_domain;
        let domains = std::mem::take(&mut self.domains);
        let mut batches = Batches::new(&domains, self.width, per_domain, self.config.seed);
        let mut adam = AdamW::new(&mut self.model);
        let mut loss = [0.0; 2];
        for step in 0..WARM_UP {
            let first = self.step(&batches.at(step), &mut adam)?;
            loss[0] = if step == 0 { first } else { loss[0] };
        }
        let (clock, cpu) = (Instant::now(), cpu_seconds());
        let mut times = Vec::new();
        while times.is_empty() || clock.elapsed().as_secs_f64() < seconds {
            let begin = Instant::now();
            loss[1] = self.step(&batches.at(WARM_UP + times.len()), &mut adam)?;
            times.push(1e3 * begin.elapsed().as_secs_f64());
        }
        let wall = clock.elapsed().as_secs_f64();
        let cpu = cpu.zip(cpu_seconds()).map(|(before, after)| after - before);
        let (steps, batch) = (times.len(), domains.len() * per_domain);
        let median_step_ms = median(&mut times);
        let parts = self.parts(&batches.at(0), &mut adam, median_step_ms)?;
        Ok(TrainSpeed {
            config: if preset == Preset::Small { "small" } else { "paper" },
            threads: rayon::current_num_threads(),
            batch,
            steps,
            steps_per_second: steps as f64 / wall,
            items_per_second: (steps * batch) as f64 / wall,
            steps_per_cpu_second: cpu.map(|cpu| steps as f64 / cpu),
            median_step_ms,
            loss,
            parts,
        })
    }

    fn step(&mut self, batch: &[f32], adam: &mut AdamW) -> Result<f64, TrainError> {
        let step = self.network.step(&self.model, batch, Objective::Joint)?;
        let recipe = &self.config.recipe;
        adam.update(&mut self.model, &step.gradients, recipe.learning_rate, recipe.weight_decay);
        Ok(step.losses.total)
    }

    fn parts(&mut self, x: &[f32], adam: &mut AdamW, step_ms: f64) -> Result<Parts, TrainError> {
        let step = self.network.step(&self.model, x, Objective::Joint)?;
        let latent = self.model.config.model.latent;
        let z = &step.z;
        let logits = self.model.router.as_ref().map_or(Vec::new(), |r| last(mlp::forward(std::slice::from_ref(r), z)));
        let loss = &self.network.loss;
        let layers = timed(|| {
            forward_backward(&self.model.encoder, x, false);
            forward_backward(&self.model.decoder, z, true);
        });
        let quantization = timed(|| drop(quantize_batch(&self.model, z, &logits, loss.commitment)));
        let information = timed(|| {
            drop(mutual_information(x, z, self.network.domains, latent, f64::from(loss.beta), loss.information));
        });
        let optimizer = timed(|| adam.update(&mut self.model, &step.gradients, 1e-6, 0.0));
        let rest = step_ms - layers - quantization - information - optimizer;
        Ok(Parts { layers, quantization, information, optimizer, rest })
    }
}

fn forward_backward(layers: &[Linear], x: &[f32], wants_input: bool) {
    let outputs = mlp::forward(layers, x);
    let push = outputs[layers.len() - 1].clone();
    drop(mlp::backward(layers, x, &outputs, push, wants_input));
}

fn last(mut outputs: Vec<Vec<f32>>) -> Vec<f32> {
    outputs.pop().expect("there are layers")
}

/// The middle of a few runs, in milliseconds.
fn timed(mut f: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..7)
        .map(|_| {
            let begin = Instant::now();
            f();
            1e3 * begin.elapsed().as_secs_f64()
        })
        .collect();
    median(&mut times)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A domain of clusters around a centre of its own, so that routing is as in real training.
fn clustered(k: usize, width: usize, seed: u64) -> Domain {
    let noise = |purpose: &str, rows: usize| normal(seed, &format!("{purpose} {k}"), rows * width);
    let (centre, clusters, own) = (noise("centre", 1), noise("clusters", CLUSTERS), noise("items", ITEMS));
    let mut rows = Vec::with_capacity(ITEMS * width);
    for (i, own) in own.chunks_exact(width).enumerate() {
        let cluster = &clusters[i % CLUSTERS * width..][..width];
        rows.extend(centre.iter().zip(cluster).zip(own).map(|((centre, cluster), own)| 1.5 * centre + cluster + 0.7 * own));
    }
    Domain { name: format!("domain {k}"), rows: scale_rows(&rows, width).expect("noise is finite") }
}

/// Standard normal numbers, nearly: the sum of twelve uniform ones less six.
fn normal(seed: u64, purpose: &str, count: usize) -> Vec<f32> {
    use rand::Rng;
    let mut rng = generator(seed, purpose, 0);
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
    (0..count).map(|_| (0..12).map(|_| uniform()).sum::<f32>() - 6.0).collect()
}

/// Processor time of this process; `None` where the system does not tell it as Linux does.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // Linux counts in hundredths of a second on every processor that it runs on.
    Some(ticks / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_trains_and_its_parts_are_those_of_a_step() {
        let speed = train(Preset::Small, 2, 0.0, 1).unwrap();
        assert_eq!((speed.threads, speed.batch, speed.steps), (2, 1020, 1));
        assert!(speed.loss[1] < speed.loss[0], "{:?}", speed.loss);
        let p = speed.parts;
        let sum = p.layers + p.quantization + p.information + p.optimizer + p.rest;
        assert!((sum - speed.median_step_ms).abs() < 1e-6);
    }
}
