//! What a watcher does to a run.

use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::model::Model;
use crate::train::codebooks::reseed::CodeUse;
use crate::train::losses::quantization::quantize_batch;
use crate::train::network::parameters::{ROUTER, bias, weight};
use crate::train::recipes::unitok::run::Run;
use crate::train::recipes::unitok::state::State;

/// The bias of an expert that is off: no other logit is so small, and 16-bit floats hold it.
const OFF: f32 = -30_000.0;
/// A code of less than this share of a fair number of items is dead. An item is a larger share wherever there are fewer
/// codes than twenty times the items.
const DEAD: f32 = 0.05;

/// Moves the codes that no item uses to residuals of items; returns how many.
pub(super) fn reseed(run: &Run<'_>, state: &mut State) -> usize {
    let z = run.latents(&state.model).concat();
    let logits =
        state.model.router.as_ref().map_or(Vec::new(), |router| PackedLinear::new(router).forward(&z, Activation::Identity));
    let all = quantize_batch(&state.model, &z, &logits, &run.config().loss);
    state.code_use = CodeUse::new(&state.model);
    state.code_use.add(&state.model, &all);
    let seed = run.config().seed ^ state.step as u64;
    state.code_use.reseed(&mut state.model, &mut state.adam, &all, &z, DEAD, seed)
}

/// Shuts the gate of an expert; nothing where it is the last one that is on.
pub(super) fn switch_off(state: &mut State, expert: usize) -> Option<()> {
    let off = switched_off(&state.model);
    let router = state.model.router.as_mut()?;
    let others = (0..router.outputs).filter(|k| *k != expert && !off.contains(k)).count();
    if expert >= router.outputs || others == 0 {
        return None;
    }
    let row = expert * router.inputs..(expert + 1) * router.inputs;
    router.weight[row.clone()].fill(0.0);
    router.bias[expert] = OFF;
    // A shut gate has no gradient, so what moves it is only what the optimiser remembers.
    state.adam.forget(&weight(ROUTER), row);
    state.adam.forget(&bias(ROUTER), expert..expert + 1);
    Some(())
}

/// The experts whose gates are shut. Weight decay takes next to nothing from a bias.
pub(super) fn switched_off(model: &Model) -> Vec<usize> {
    let biases = model.router.iter().flat_map(|router| &router.bias).enumerate();
    biases.filter(|(_, bias)| **bias < 0.5 * OFF).map(|(expert, _)| expert).collect()
}
