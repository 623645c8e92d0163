//! The CPU engine: native SIMD, or simd128 in WebAssembly.

pub mod quantize;
mod screen;

use std::borrow::Cow;
use std::hint::black_box;
use std::sync::Arc;

use quantize::{Beam, Choice, Quantizer, Search, Workspace, route};

use super::{Engine, EngineError, Stage, Tokenized, Want, check_width, scale_rows};
use crate::base::parallel::map_chunks_with;
use crate::compute::cpu::layers::{CHUNK, Hidden, Layers};
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::compute::{DeviceError, DeviceInfo};
use crate::model::{Architecture, MixWeights, Model};

/// Prepares a chunk of rows: scales it, or leaves it as it is.
type Scaling<'f> = dyn Fn(&[f32]) -> Result<Cow<'_, [f32]>, EngineError> + Sync + 'f;

/// Buffers of a thread, reused from chunk to chunk.
#[derive(Default)]
struct Scratch {
    hidden: Hidden,
    latents: Vec<f32>,
    choices: Vec<Choice>,
    work: Workspace,
}

/// A model packed for the CPU.
#[derive(Debug, Clone)]
pub struct CpuEngine {
    model: Architecture,
    encoder: Layers,
    decoder: Layers,
    router: Option<PackedLinear>,
    quantizers: Vec<Arc<dyn Search>>,
    /// Why the CPU runs in place of a GPU, unless it was asked for.
    reason: Option<String>,
}

impl CpuEngine {
    /// Packs `model`.
    pub fn new(model: &Model) -> Self {
        let quantizers = 0..model.config.model.quantizers();
        Self::with_searches(model, quantizers.map(|q| Arc::new(Quantizer::new(model, q)) as _).collect())
    }

    /// Packs `model` for beam search: it follows the best `width` chains of codes and takes the best of them at the end, which
    /// takes more time than the greedy search (METHOD.md, 1.3) and leaves a smaller error. With `width` 1 it is the greedy
    /// search.
    ///
    /// # Errors
    /// [`DeviceError::Limit`] where the tables would take too much memory.
    pub fn with_beam(model: &Model, width: usize) -> Result<Self, DeviceError> {
        let beam = |q| Ok(Arc::new(Beam::new(Quantizer::new(model, q), width)?) as _);
        let quantizers = (0..model.config.model.quantizers()).map(beam).collect::<Result<_, DeviceError>>()?;
        Ok(Self::with_searches(model, quantizers))
    }

    fn with_searches(model: &Model, quantizers: Vec<Arc<dyn Search>>) -> Self {
        Self {
            encoder: Layers::new(&model.encoder),
            decoder: Layers::new(&model.decoder),
            router: model.router.as_ref().map(PackedLinear::new),
            quantizers,
            model: model.config.model.clone(),
            reason: None,
        }
    }

    /// Sets why the CPU runs in place of a GPU.
    pub fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Encodes scaled rows (see [`scale_rows`]): `[items][input]` → `z [items][latent]`.
    pub fn encode(&self, scaled: &[f32]) -> Vec<f32> {
        self.encoder.forward(scaled, &mut Hidden::default())
    }

    /// As [`Engine::tokenize`], without a future.
    pub fn run(&self, rows: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        let width = self.model.input;
        check_width(rows, width)?;
        self.run_chunks(rows, want, &|chunk| Ok(Cow::Owned(scale_rows(chunk, width)?)))
    }

    /// As [`Engine::tokenize_scaled`], without a future.
    pub fn run_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        check_width(scaled, self.model.input)?;
        self.run_chunks(scaled, want, &|chunk| Ok(Cow::Borrowed(chunk)))
    }

    /// Runs all chunks of `rows`, each prepared by `scale`.
    fn run_chunks(&self, rows: &[f32], want: Want, scale: &Scaling<'_>) -> Result<Tokenized, EngineError> {
        let a = &self.model;
        if want.reconstruction && self.decoder.is_empty() {
            return Err(EngineError::Decoder);
        }
        let run = |scratch: &mut Scratch, chunk: &[f32]| Ok(self.run_chunk(&scale(chunk)?, want, scratch));
        let parts = map_chunks_with(rows, CHUNK * a.input, Scratch::default, run);
        let mut all = Tokenized::empty(a, want);
        for (i, part) in parts.into_iter().enumerate() {
            all.append(part.map_err(|error: EngineError| error.in_batch(i * CHUNK))?);
        }
        Ok(all)
    }

    fn run_chunk(&self, scaled: &[f32], want: Want, scratch: &mut Scratch) -> Tokenized {
        let a = &self.model;
        let z = self.encoder.forward(scaled, &mut scratch.hidden);
        let chosen = self.route(&z);
        let choices = self.quantize(&z, &chosen, want.margins, scratch);
        let mut out = Tokenized::empty(a, Want::default());
        out.items = z.len() / a.latent;
        out.experts.extend(chosen.iter().map(|c| c.0));
        out.gates.extend(chosen.iter().map(|c| c.1));
        out.codes.extend(choices.iter().map(|choice| choice.code));
        if want.residual_norms {
            out.residual_norms.extend(choices.iter().map(|choice| choice.residual_norm));
        }
        if want.margins {
            out.margins.extend(choices.iter().map(|choice| choice.margin));
        }
        let z_hat = if want.latents || want.reconstruction { self.mix(&chosen, &choices) } else { Vec::new() };
        if want.reconstruction {
            out.reconstruction = Some(squared_errors(scaled, &self.decoder.forward(&z_hat, &mut scratch.hidden), a.input));
        }
        if want.latents {
            (out.z, out.z_hat) = (Some(z), Some(z_hat));
        }
        out
    }

    /// Runs a chunk up to a stage and discards the results, which `black_box` keeps from being optimised away.
    fn run_chunk_until(&self, scaled: &[f32], stage: Stage, scratch: &mut Scratch) {
        if stage == Stage::Quantize {
            black_box(self.run_chunk(scaled, Want::default(), scratch));
            return;
        }
        let z = self.encoder.forward(scaled, &mut scratch.hidden);
        if stage == Stage::Route {
            black_box(self.route(&z));
        }
        black_box(z);
    }

    /// `[items][top_n]` experts and gates; empty in a model without experts.
    fn route(&self, z: &[f32]) -> Vec<(u32, f32)> {
        let a = &self.model;
        let Some(router) = &self.router else { return Vec::new() };
        let logits = router.forward(z, Activation::Identity);
        logits.chunks_exact(a.experts).flat_map(|logits| route(logits, a.top_n)).collect()
    }

    /// Choices `[items][slots][levels]`: each quantizer takes all of its items at once.
    fn quantize(&self, z: &[f32], chosen: &[(u32, f32)], margins: bool, scratch: &mut Scratch) -> Vec<Choice> {
        let a = &self.model;
        let slots = z.len() / a.latent * a.slots();
        let mut choices = vec![Choice::default(); slots * a.levels];
        let Scratch { latents, choices: chains, work, .. } = scratch;
        for (q, quantizer) in self.quantizers.iter().enumerate() {
            // The shared expert's slot is the last.
            let expert = |slot: usize| chosen.get(slot / a.slots() * a.top_n + slot % a.slots()).map_or(0, |c| c.0 as usize);
            let uses_q = |slot: &usize| if slot % a.slots() == a.top_n { q == a.experts } else { expert(*slot) == q };
            latents.clear();
            for slot in (0..slots).filter(uses_q) {
                latents.extend_from_slice(&z[slot / a.slots() * a.latent..][..a.latent]);
            }
            quantizer.quantize_rows(latents, margins, work, chains);
            for (slot, chain) in (0..slots).filter(uses_q).zip(chains.chunks_exact(a.levels)) {
                choices[slot * a.levels..][..a.levels].copy_from_slice(chain);
            }
        }
        choices
    }

    /// `ẑ [items][latent]`.
    fn mix(&self, chosen: &[(u32, f32)], choices: &[Choice]) -> Vec<f32> {
        let a = &self.model;
        let item_choices = a.slots() * a.levels;
        let mut z_hat = vec![0.0; choices.len() / item_choices * a.latent];
        for (i, (z_hat, choices)) in z_hat.chunks_exact_mut(a.latent).zip(choices.chunks_exact(item_choices)).enumerate() {
            let slots = slot_weights(&chosen[i * a.top_n..(i + 1) * a.top_n], a);
            for ((quantizer, weight), choices) in slots.into_iter().zip(choices.chunks_exact(a.levels)) {
                self.quantizers[quantizer].add_codes(choices, weight, z_hat);
            }
        }
        z_hat
    }
}

impl Engine for CpuEngine {
    fn info(&self) -> DeviceInfo {
        DeviceInfo::cpu(self.reason.clone())
    }

    fn input_width(&self) -> usize {
        self.model.input
    }

    async fn tokenize(&self, rows: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        self.run(rows, want)
    }

    async fn tokenize_scaled(&self, scaled: &[f32], want: Want) -> Result<Tokenized, EngineError> {
        self.run_scaled(scaled, want)
    }

    async fn run_until(&self, rows: &[f32], stage: Stage) -> Result<(), EngineError> {
        let width = self.input_width();
        check_width(rows, width)?;
        let run = |scratch: &mut Scratch, chunk: &[f32]| {
            self.run_chunk_until(&scale_rows(chunk, width)?, stage, scratch);
            Ok(())
        };
        let parts: Vec<Result<(), EngineError>> = map_chunks_with(rows, CHUNK * width, Scratch::default, run);
        parts.into_iter().enumerate().try_for_each(|(i, part)| part.map_err(|error| error.in_batch(i * CHUNK)))
    }
}

/// Quantizer of each slot of an item, and its weight in `ẑ`: the routed experts, then the shared one (METHOD.md, 1.4).
/// `chosen` has the routed experts and their gates.
pub fn slot_weights(chosen: &[(u32, f32)], a: &Architecture) -> Vec<(usize, f32)> {
    let MixWeights { renormalise, routed, shared } = a.mix_weights();
    let total: f32 = chosen.iter().map(|c| c.1).sum();
    let routed = if renormalise { routed / total } else { routed };
    let experts = chosen.iter().map(|&(k, gate)| (k as usize, gate * routed));
    experts.chain(a.shared.then_some((a.experts, shared))).collect()
}

/// `‖x − y‖²` of each row of `width` values.
pub fn squared_errors(x: &[f32], y: &[f32], width: usize) -> Vec<f32> {
    let rows = x.chunks_exact(width).zip(y.chunks_exact(width));
    rows.map(|(x, y)| x.iter().zip(y).map(|(a, b)| (a - b) * (a - b)).sum()).collect()
}
