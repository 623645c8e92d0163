//! Speed of a joint training step on the CPU, over random data.
//!
//! `xtask/peers/train.py` times the same step in PyTorch.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::agreement::item_agrees;
use super::clock::measure;
use super::{Outcome, share};
use crate::base::parallel::{map_chunks, threads};
use crate::compute::DeviceInfo;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Want, reference, scale_rows};
use crate::learn::optimizer::{AdamW, AdamWOptions};
use crate::learn::seed::generator;
use crate::model::{Config, FORMAT_VERSION, Linear, Model, TextConfig};
use crate::train::TrainError;
use crate::train::data::{Batches, Domain, rows};
use crate::train::losses::{mutual_information::mutual_information, quantization::quantize_batch};
use crate::train::network::criterion::{Criterion, Objective};
use crate::train::network::device::Device;
use crate::train::network::layers::{backward, forward};
use crate::train::network::step::Network;
use crate::train::network::xavier::xavier;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::initialization::from_latents;
use crate::train::recipes::unitok::options::Preset;

/// Items of each domain: more than a batch, few enough to be made in a moment.
const ITEMS: usize = 2048;
/// Groups of alike items in a domain.
const CLUSTERS: usize = 64;
/// Steps before the clock starts.
const WARM_UP: usize = 3;

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

/// Trains with the shapes of `preset` for about `limit` on the threads of the current pool.
///
/// What is held to the reference are the codes that the model gives in the end.
///
/// # Errors
/// What training fails with.
pub fn train(preset: Preset, seed: u64, limit: Duration) -> Result<Outcome, TrainError> {
    Bench::new(preset, seed)?.run(preset, limit)
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
    /// `small` has six domains and the widths of `unitok train`, `paper` the paper's ten domains and widths. Latents and levels
    /// are those of the peers' programs, so that all do the same work.
    fn new(preset: Preset, seed: u64) -> Result<Self, TrainError> {
        let (width, count, latent, items_per_domain) = match preset {
            Preset::Small => (384, 6, 24, 170),
            Preset::Paper => (768, 10, 32, 102),
        };
        let mut config = TrainConfig { seed, ..TrainConfig::default() };
        (config.model.preset, config.model.latent, config.model.levels) = (preset, latent, 4);
        config.recipe.items_per_domain = items_per_domain;
        let model = config.architecture(width, count);
        let domains: Vec<Domain> = (0..count).map(|k| clustered(k, width, seed)).collect();
        let names = domains.iter().map(|d| d.name.clone()).collect();
        let model_config =
            Config { format_version: FORMAT_VERSION, domains: names, model, text: TextConfig::default(), cooccurrence: None };
        let mut model = xavier(model_config, seed);
        let latents: Vec<Vec<f32>> = domains.iter().map(|d| last(forward(&model.encoder, &d.rows))).collect();
        config.recipe.kmeans_iterations = 2;
        from_latents(&mut model, &latents, &config.recipe, seed);
        let criterion = Criterion { loss: config.loss.clone(), lambda_mi: config.lambda_mi(), domains: count };
        let network = Network { device: Device::Cpu, criterion };
        Ok(Self { config, domains, width, model, network })
    }

    fn run(mut self, preset: Preset, limit: Duration) -> Result<Outcome, TrainError> {
        let per_domain = self.config.recipe.items_per_domain;
        let domains = std::mem::take(&mut self.domains);
        let (mut batches, width) = (Batches::new(&domains, self.width, per_domain, self.config.seed), self.width);
        let mut batch = |step| rows(&domains, width, &batches.places_at(step));
        let options = AdamWOptions { weight_decay: self.config.recipe.weight_decay, ..AdamWOptions::default() };
        let mut adam = AdamW::new(&self.model, options);
        let mut losses = Vec::new();
        for step in 0..WARM_UP {
            losses.push(self.step(&batch(step), &mut adam)?);
        }
        let items = domains.len() * per_domain;
        let rates = measure(items, limit, || {
            losses.push(self.step(&batch(losses.len()), &mut adam)?);
            Ok::<(), TrainError>(())
        })?;
        let parts = self.parts(&batch(0), &mut adam, 1e3 * items as f64 / rates.items_per_second)?;
        let agrees = self.agreement(&batch(0))?;
        let more = json!({
            "config": if preset == Preset::Small { "small" } else { "paper" },
            "steps_per_second": rates.items_per_second / items as f64,
            "steps_per_cpu_second": rates.items_per_cpu_second.map(|rate| rate / items as f64),
            "loss": [losses.first(), losses.last()],
            "milliseconds": parts,
        });
        Ok(Outcome {
            stage: "train",
            items,
            threads: threads(),
            device: DeviceInfo::cpu(None).name,
            rates,
            agreement: share(&agrees),
            checked: agrees.len(),
            more: more.as_object().cloned().unwrap_or_default(),
        })
    }

    /// Whether the codes of a batch, by the model as it now is, are the reference's.
    fn agreement(&self, batch: &[f32]) -> Result<Vec<bool>, TrainError> {
        let result = CpuEngine::new(&self.model).run_scaled(batch, Want::default())?;
        let rows: Vec<(usize, &[f32])> = batch.chunks_exact(self.width).enumerate().collect();
        let agrees = |(i, x): &(usize, &[f32])| item_agrees(&reference::tokenize(&self.model, x), &result, *i);
        Ok(map_chunks(&rows, 64, |rows| rows.iter().map(agrees).collect::<Vec<_>>()).concat())
    }

    fn step(&mut self, batch: &[f32], adam: &mut AdamW) -> Result<f64, TrainError> {
        let step = self.network.step(&self.model, batch, Objective::Joint)?;
        adam.update(&mut self.model, &step.gradients, self.config.recipe.learning_rate);
        Ok(step.losses.total)
    }

    fn parts(&mut self, x: &[f32], adam: &mut AdamW, step_ms: f64) -> Result<Parts, TrainError> {
        let step = self.network.step(&self.model, x, Objective::Joint)?;
        let latent = self.model.config.model.latent;
        let z = &step.z;
        let logits = self.model.router.as_ref().map_or(Vec::new(), |r| last(forward(std::slice::from_ref(r), z)));
        let loss = &self.network.criterion.loss;
        let layers = timed(|| {
            forward_backward(&self.model.encoder, x, false);
            forward_backward(&self.model.decoder, z, true);
        });
        let quantization = timed(|| drop(quantize_batch(&self.model, z, &logits, loss)));
        let information = timed(|| {
            drop(mutual_information(x, z, self.network.criterion.domains, latent, f64::from(loss.beta), loss.information));
        });
        let optimizer = timed(|| adam.update(&mut self.model, &step.gradients, 1e-6));
        let rest = step_ms - layers - quantization - information - optimizer;
        Ok(Parts { layers, quantization, information, optimizer, rest })
    }
}

fn forward_backward(layers: &[Linear], x: &[f32], wants_input: bool) {
    let outputs = forward(layers, x);
    let gradient = outputs[layers.len() - 1].clone();
    drop(backward(layers, x, &outputs, gradient, wants_input));
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
    Domain::new(format!("domain {k}"), scale_rows(&rows, width).expect("noise is finite"))
}

/// Standard normal numbers, nearly: the sum of twelve uniform ones less six.
fn normal(seed: u64, purpose: &str, count: usize) -> Vec<f32> {
    use rand::Rng;
    let mut rng = generator(seed, purpose, 0);
    let mut uniform = || (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32;
    (0..count).map(|_| (0..12).map(|_| uniform()).sum::<f32>() - 6.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmark_trains_and_its_parts_are_those_of_a_step() {
        let outcome = train(Preset::Small, 1, Duration::ZERO).unwrap();
        assert_eq!((outcome.items, outcome.checked, outcome.agreement), (1020, 1020, 1.0));
        let number = |value: &serde_json::Value| value.as_f64().unwrap();
        let loss = &outcome.more["loss"];
        assert!(number(&loss[0]) > 0.0 && number(&loss[1]) > 0.0, "{loss}");
        let parts = &outcome.more["milliseconds"];
        for part in ["layers", "quantization", "information", "optimizer"] {
            assert!(number(&parts[part]) > 0.0, "{parts}");
        }
    }
}
