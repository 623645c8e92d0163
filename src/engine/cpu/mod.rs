//! The CPU engine: native SIMD, or simd128 in WebAssembly.

pub mod linear;
pub mod linear_int8;
pub mod quantize;
pub mod simd;
pub mod simd_math;
pub mod simd_tile;

use std::hint::black_box;

use linear::{Activation, PackedLinear};
use quantize::{Quantizer, route};

use super::{Engine, EngineError, EngineInfo, Stage, Tokenized, Want, check_width, scale_rows};
use crate::config::Mix;
use crate::weights::Model;

/// Items that one thread takes through the whole model at a time: its activations stay in cache.
const CHUNK: usize = 96;

/// A model packed for the CPU.
#[derive(Debug, Clone)]
pub struct CpuEngine {
    model: Model,
    encoder: Vec<PackedLinear>,
    decoder: Vec<PackedLinear>,
    router: Option<PackedLinear>,
    quantizers: Vec<Quantizer>,
    /// Why the CPU was chosen, if not by wish.
    reason: Option<String>,
}

impl CpuEngine {
    /// Packs `model`.
    pub fn new(model: &Model) -> Self {
        Self {
            encoder: model.encoder.iter().map(PackedLinear::new).collect(),
            decoder: model.decoder.iter().map(PackedLinear::new).collect(),
            router: model.router.as_ref().map(PackedLinear::new),
            quantizers: (0..model.config.model.quantizers()).map(|q| Quantizer::new(model, q)).collect(),
            model: model.clone(),
            reason: None,
        }
    }

    /// Notes why the CPU runs in place of a GPU.
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// The model that runs.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Encodes scaled rows (see [`scale_rows`]): `[items][input]` → `z [items][latent]`.
    pub fn encode(&self, scaled: &[f32]) -> Vec<f32> {
        run_layers(&self.encoder, scaled)
    }

    /// Decodes latents: `[items][latent]` → `[items][input]`.
    pub fn decode(&self, latents: &[f32]) -> Vec<f32> {
        run_layers(&self.decoder, latents)
    }

    /// Same as [`Engine::tokenize`], without the future.
    pub fn run(&self, rows: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        self.run_scaled(&scale_rows(rows, self.model.config.model.input)?, want)
    }

    /// Same as [`Engine::tokenize_scaled`], without the future.
    pub fn run_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        let a = &self.model.config.model;
        check_width(scaled, a.input)?;
        let mut all = Tokenized::empty(a, want);
        for part in map_chunks(scaled, CHUNK * a.input, |chunk| self.run_chunk(chunk, want)) {
            all.append(part);
        }
        Ok(all)
    }

    fn run_chunk(&self, scaled: &[f32], want: Want) -> Tokenized {
        let a = &self.model.config.model;
        let z = self.encode(scaled);
        let logits = self.logits(&z);
        let mut out = Tokenized::empty(a, Want::default());
        out.items = z.len() / a.latent;
        let mut z_hat = Vec::with_capacity(if want.latents || want.reconstruction { z.len() } else { 0 });
        for (i, z) in z.chunks_exact(a.latent).enumerate() {
            z_hat.extend(self.quantize_item(z, logits_of(&logits, i, a.experts), &mut out));
        }
        if want.reconstruction {
            out.reconstruction = Some(squared_errors(scaled, &self.decode(&z_hat), a.input));
        }
        if want.latents {
            (out.z, out.z_hat) = (Some(z), Some(z_hat));
        }
        out
    }

    /// The way of a chunk up to a stage; the results are made and dropped.
    fn run_chunk_until(&self, scaled: &[f32], stage: Stage) {
        let a = &self.model.config.model;
        if stage == Stage::Quantize {
            black_box(self.run_chunk(scaled, Want::default()));
            return;
        }
        let z = self.encode(scaled);
        if stage == Stage::Route {
            let logits = self.logits(&z);
            for i in 0..z.len() / a.latent {
                black_box(route(logits_of(&logits, i, a.experts), a.top_n));
            }
        }
        black_box(z);
    }

    /// `[items][experts]`, where there are experts.
    fn logits(&self, z: &[f32]) -> Option<Vec<f32>> {
        self.router.as_ref().map(|r| r.forward(z, Activation::Identity))
    }

    /// Routes and quantizes one latent, appends to `out`, returns `ẑ`.
    fn quantize_item(&self, z: &[f32], logits: &[f32], out: &mut Tokenized) -> Vec<f32> {
        let a = &self.model.config.model;
        let chosen = route(logits, a.top_n);
        let mut z_hat = vec![0.0; z.len()];
        for (quantizer, weight) in slot_weights(&chosen, a.mix, a.shared.then_some(a.experts)) {
            self.quantizers[quantizer].quantize(z, weight, &mut z_hat, |choice| {
                out.codes.push(choice.code);
                out.margins.push(choice.margin);
                out.residual_norms.push(choice.residual_norm);
            });
        }
        out.experts.extend(chosen.iter().map(|c| c.0));
        out.gates.extend(chosen.iter().map(|c| c.1));
        z_hat
    }
}

/// The CPU, for people, and why it runs in place of a GPU, if not by wish.
pub fn info(reason: Option<String>) -> EngineInfo {
    EngineInfo { kind: "cpu", name: simd::level().into(), backend: format!("{} thread(s)", threads()), software: false, reason }
}

impl Engine for CpuEngine {
    fn info(&self) -> EngineInfo {
        info(self.reason.clone())
    }

    fn input_width(&self) -> usize {
        self.model.config.model.input
    }

    async fn tokenize_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        self.run_scaled(scaled, want)
    }

    async fn run_until(&self, rows: &[f32], stage: Stage) -> Result<(), EngineError> {
        let width = self.input_width();
        let scaled = scale_rows(rows, width)?;
        map_chunks(&scaled, CHUNK * width, |chunk| self.run_chunk_until(chunk, stage));
        Ok(())
    }
}

/// Router logits of item `i`; none in a model without experts.
fn logits_of(logits: &Option<Vec<f32>>, i: usize, experts: usize) -> &[f32] {
    logits.as_ref().map_or(&[], |l| &l[i * experts..(i + 1) * experts])
}

/// Quantizer and weight in `ẑ` of each slot: the routed experts, then the shared one (SPEC 1.4).
pub fn slot_weights(chosen: &[(u32, f32)], mix: Mix, shared: Option<usize>) -> Vec<(usize, f32)> {
    let total: f32 = chosen.iter().map(|c| c.1).sum();
    let (routed, share) = match mix {
        Mix::Sum => (1.0, 1.0),
        // Without one of the two sides, the other takes all the weight.
        Mix::Convex { .. } if shared.is_none() => (1.0 / total, 0.0),
        Mix::Convex { .. } if chosen.is_empty() => (0.0, 1.0),
        Mix::Convex { weight } => (weight / total, 1.0 - weight),
    };
    let experts = chosen.iter().map(|&(k, gate)| (k as usize, gate * routed));
    experts.chain(shared.map(|q| (q, share))).collect()
}

/// `Σ (x − y)²` of each row.
pub fn squared_errors(x: &[f32], y: &[f32], width: usize) -> Vec<f32> {
    let rows = x.chunks_exact(width).zip(y.chunks_exact(width));
    rows.map(|(x, y)| x.iter().zip(y).map(|(a, b)| (a - b) * (a - b)).sum()).collect()
}

fn run_layers(layers: &[PackedLinear], x: &[f32]) -> Vec<f32> {
    let last = layers.len() - 1;
    let mut y = layers[0].forward(x, if last == 0 { Activation::Identity } else { Activation::Relu });
    for (i, layer) in layers.iter().enumerate().skip(1) {
        y = layer.forward(&y, if i == last { Activation::Identity } else { Activation::Relu });
    }
    y
}

/// Applies `f` to consecutive chunks, on all threads where there are any; results in order.
pub fn map_chunks<T: Sync, R: Send>(values: &[T], size: usize, f: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    #[cfg(feature = "threads")]
    {
        use rayon::prelude::*;
        values.par_chunks(size).map(&f).collect()
    }
    #[cfg(not(feature = "threads"))]
    values.chunks(size).map(f).collect()
}

/// Threads that [`map_chunks`] uses.
pub fn threads() -> usize {
    #[cfg(feature = "threads")]
    return rayon::current_num_threads();
    #[cfg(not(feature = "threads"))]
    1
}
