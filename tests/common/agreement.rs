//! Compares an engine with the float64 reference: codes are equal except at ties, everything else is close.

use unitok::base::parallel::map_chunks;
use unitok::compute::DeviceError;
use unitok::compute::gpu::GpuOptions;
use unitok::engine::cpu::CpuEngine;
use unitok::engine::gpu::GpuEngine;
use unitok::engine::reference::{self, Item};
use unitok::engine::{Engine, EngineError, Tokenized, Want, scale_rows};
use unitok::model::Model;

use crate::common::skip;

/// Everything an engine can return.
pub const ALL: Want = Want { latents: true, reconstruction: true, margins: true, residual_norms: true };
/// Relative tolerance of everything but codes.
const TOLERANCE: f64 = 1e-4;

/// How an engine compares with the reference.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    pub items: usize,
    /// Codes that were compared and are equal; after a tie a slot is not compared further.
    pub codes: usize,
    /// Slots that differ from a tie on.
    pub code_ties: usize,
    /// Items whose experts differ, at a tie.
    pub router_ties: usize,
}

impl Agreement {
    /// Asserts that at most one in a thousand items differs.
    pub fn assert_rare(self) {
        let differ = self.code_ties + self.router_ties;
        assert!(differ * 1000 <= self.items.max(1000), "too many ties: {self:?}");
    }
}

/// The GPU engine. Without a GPU the test is skipped with a message; in CI there must be one, be it llvmpipe.
pub fn gpu(model: &Model) -> Option<GpuEngine> {
    gpu_with(model, &GpuOptions::default())
}

/// As [`gpu`], with options.
pub fn gpu_with(model: &Model, options: &GpuOptions) -> Option<GpuEngine> {
    match pollster::block_on(GpuEngine::new(model, options)) {
        Ok(engine) => Some(engine),
        Err(EngineError::Device(DeviceError::NoGpu(cause))) => {
            skip("a GPU or Mesa's llvmpipe", &format!("no GPU here, not even a software one ({cause})"));
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Compares the CPU engine, and the GPU engine where there is one, with the float64 reference over raw `rows`.
///
/// # Panics
/// At the first code that differs without a tie, or the first value that is not close.
pub fn check_agreement(model: &Model, rows: &[f32]) -> Vec<(&'static str, Agreement)> {
    let width = model.config.model.input;
    let scaled = scale_rows(rows, width).expect("rows are valid");
    let tokenize = |rows: &[f32]| rows.chunks_exact(width).map(|x| reference::tokenize(model, x)).collect::<Vec<Item>>();
    let reference = map_chunks(&scaled, 256 * width, tokenize).concat();
    let cpu = CpuEngine::new(model).run_scaled(&scaled, ALL).expect("the CPU engine runs");
    let mut results = vec![("cpu", compare(&reference, &cpu))];
    if let Some(engine) = gpu(model) {
        let gpu = pollster::block_on(engine.tokenize_scaled(&scaled, ALL)).expect("the GPU engine runs");
        results.push(("gpu", compare(&reference, &gpu)));
    }
    for (_, agreement) in &results {
        agreement.assert_rare();
    }
    results
}

/// Compares a result with the reference's.
///
/// # Panics
/// As [`check_agreement`].
pub fn compare(reference: &[Item], result: &Tokenized) -> Agreement {
    assert_eq!(result.items, reference.len());
    assert_eq!(result.codes.len(), result.items * result.slots * result.levels);
    let mut agreement = Agreement { items: result.items, ..Agreement::default() };
    for (i, item) in reference.iter().enumerate() {
        let latent = item.z.len();
        let row = |values: &Option<Vec<f32>>| values.as_ref().expect("latents were asked for")[i * latent..][..latent].to_vec();
        close(i, "z", &item.z, &row(&result.z));
        if !experts_agree(i, item, result) {
            agreement.router_ties += 1;
            continue;
        }
        let ties = (0..result.slots).filter(|&slot| !slot_agrees(i, slot, item, result, &mut agreement.codes)).count();
        agreement.code_ties += ties;
        if ties == 0 {
            close(i, "ẑ", &item.z_hat, &row(&result.z_hat));
            let error = result.reconstruction.as_ref().expect("reconstruction was asked for")[i];
            close(i, "reconstruction error", &[item.reconstruction], &[error]);
        }
    }
    agreement
}

/// Whether an item's experts are equal; they may differ at a tie.
fn experts_agree(i: usize, item: &Item, result: &Tokenized) -> bool {
    let experts: Vec<usize> = result.experts_of(i).iter().map(|&k| k as usize).collect();
    if experts != item.experts {
        assert!(item.router_tie, "item {i}: experts {experts:?}, reference {:?}, and no tie", item.experts);
        return false;
    }
    let gates = &result.gates[i * result.top_n..(i + 1) * result.top_n];
    for (&gate, &exact) in gates.iter().zip(&item.gates) {
        assert!((f64::from(gate) - exact).abs() <= TOLERANCE * exact + 1e-7, "item {i}: gate {gate}, reference {exact}");
    }
    true
}

/// Whether a slot's codes are equal; they may differ from a tie on. Adds the number of equal codes to `compared`.
fn slot_agrees(i: usize, slot: usize, item: &Item, result: &Tokenized, compared: &mut usize) -> bool {
    let z_square = reference::squared_norm(&item.z);
    let start = (i * result.slots + slot) * result.levels;
    for (level, exact) in item.slots[slot].iter().enumerate() {
        let code = result.codes[start + level] as usize;
        let at = || format!("item {i}, slot {slot}, level {level}");
        if code != exact.code {
            assert!(exact.is_tie(), "{}: code {code}, reference {exact:?}, and no tie", at());
            return false;
        }
        *compared += 1;
        let (norm, margin) = (f64::from(result.residual_norms[start + level]), f64::from(result.margins[start + level]));
        let scale = exact.residual_norm + 0.1 * z_square.sqrt();
        assert!((norm - exact.residual_norm).abs() <= TOLERANCE * scale, "{}: residual norm {norm}, reference {exact:?}", at());
        // A margin is a difference of squares as large as the residual's.
        let scale = exact.margin + exact.squared_norm_before + 0.1 * z_square;
        assert!((margin - exact.margin).abs() <= TOLERANCE * scale, "{}: margin {margin}, reference {exact:?}", at());
    }
    true
}

fn close(i: usize, what: &str, exact: &[f64], found: &[f32]) {
    let scale = reference::squared_norm(exact).sqrt();
    for (e, f) in exact.iter().zip(found) {
        assert!((e - f64::from(*f)).abs() <= TOLERANCE * scale + 1e-6, "item {i}: {what} {f}, reference {e}");
    }
}
