//! The self-test: every kernel, on a fixed input, against the CPU engine, so that a driver that computes wrongly makes no
//! tokens.

use super::engine::GpuEngine;
use crate::base::random::noise;
use crate::compute::DeviceError;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Engine, EngineError, Tokenized, Want, scale_rows};
use crate::model::Model;

/// Items of the input: more than a workgroup, and few enough to take no time on the CPU.
const ITEMS: usize = 72;
/// Largest relative difference: far more than rounding in f32 causes, far less than a wrong kernel.
const TOLERANCE: f32 = 1e-3;

/// Runs the test.
///
/// # Errors
/// [`DeviceError::SelfTest`] with the first difference.
pub async fn run(engine: &GpuEngine, model: &Model) -> Result<(), EngineError> {
    let rows = scale_rows(&noise(ITEMS * model.config.model.input, 1), model.config.model.input)?;
    let want = Want { latents: true, reconstruction: !model.decoder.is_empty(), margins: true, residual_norms: true };
    let gpu = engine.tokenize_scaled(&rows, want).await?;
    let cpu = CpuEngine::new(model).run_scaled(&rows, want)?;
    compare(&cpu, &gpu, model.config.model.latent).map_err(|difference| DeviceError::SelfTest(difference).into())
}

/// Compares item by item. After a tie the rest of an item may differ, so its comparison ends there.
///
/// # Errors
/// The first difference, in words.
fn compare(cpu: &Tokenized, gpu: &Tokenized, latent: usize) -> Result<(), String> {
    // Rounding errors are relative to the largest latents of the batch: a small result may be the sum of large numbers.
    let scale = largest_norm(&cpu.z, latent);
    let z_hat_scale = scale + largest_norm(&cpu.z_hat, latent);
    for i in 0..cpu.items {
        let row = i * latent..(i + 1) * latent;
        close("z", i, part(&cpu.z, &row), part(&gpu.z, &row), scale)?;
        if !routing_agrees(cpu, gpu, i)? || !codes_agree(cpu, gpu, i, scale)? {
            continue;
        }
        close("ẑ", i, part(&cpu.z_hat, &row), part(&gpu.z_hat, &row), z_hat_scale)?;
        let error = part(&cpu.reconstruction, &(i..i + 1));
        close("reconstruction error", i, error, part(&gpu.reconstruction, &(i..i + 1)), norm(error))?;
    }
    Ok(())
}

/// Whether the item's experts are equal; they may differ at a tie.
fn routing_agrees(cpu: &Tokenized, gpu: &Tokenized, i: usize) -> Result<bool, String> {
    let slots = i * cpu.top_n..(i + 1) * cpu.top_n;
    close("gates", i, &cpu.gates[slots.clone()], &gpu.gates[slots], 1.0)?;
    // The gates agree, so where experts differ, their logits are equal but for rounding.
    Ok(cpu.experts_of(i) == gpu.experts_of(i))
}

/// Whether the item's codes are equal; they may differ at a tie.
fn codes_agree(cpu: &Tokenized, gpu: &Tokenized, i: usize, scale: f32) -> Result<bool, String> {
    for slot in 0..cpu.slots {
        let start = (i * cpu.slots + slot) * cpu.levels;
        for at in start..start + cpu.levels {
            if cpu.codes[at] == gpu.codes[at] {
                within("residual norm", i, cpu.residual_norms[at], gpu.residual_norms[at], scale)?;
                within("margin", i, cpu.margins[at], gpu.margins[at], scale * scale + cpu.margins[at])?;
            } else if cpu.margins[at] <= TOLERANCE * scale * scale {
                return Ok(false);
            } else {
                return Err(format!("item {i}: code {} where the CPU has {}", gpu.codes[at], cpu.codes[at]));
            }
        }
    }
    Ok(true)
}

fn part<'v>(values: &'v Option<Vec<f32>>, range: &std::ops::Range<usize>) -> &'v [f32] {
    values.as_ref().map_or(&[], |v| &v[range.clone()])
}

fn close(what: &str, item: usize, cpu: &[f32], gpu: &[f32], scale: f32) -> Result<(), String> {
    cpu.iter().zip(gpu).try_for_each(|(&c, &g)| within(what, item, c, g, scale))
}

fn within(what: &str, item: usize, cpu: f32, gpu: f32, scale: f32) -> Result<(), String> {
    // Not `>`, so that NaN fails too.
    if (cpu - gpu).abs() <= TOLERANCE * scale {
        return Ok(());
    }
    Err(format!("item {item}: {what} is {gpu}, the CPU has {cpu}"))
}

fn largest_norm(rows: &Option<Vec<f32>>, width: usize) -> f32 {
    rows.iter().flat_map(|v| v.chunks_exact(width)).map(norm).fold(0.0, f32::max)
}

fn norm(v: &[f32]) -> f32 {
    v.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One item, one slot, two levels.
    fn result() -> Tokenized {
        Tokenized {
            items: 1,
            top_n: 1,
            slots: 1,
            levels: 2,
            experts: vec![2],
            gates: vec![0.8],
            codes: vec![5, 7],
            residual_norms: vec![0.5, 0.1],
            margins: vec![0.3, 1e-7],
            z: Some(vec![1.0, 0.0]),
            z_hat: Some(vec![0.9, 0.1]),
            reconstruction: Some(vec![3.0]),
        }
    }

    #[test]
    fn equal_results_pass() {
        assert_eq!(compare(&result(), &result(), 2), Ok(()));
    }

    #[test]
    fn any_wrong_value_fails() {
        let mut wrong = vec![result(); 7];
        wrong[0].codes[0] = 6;
        wrong[1].gates[0] = 0.7;
        wrong[2].residual_norms[1] = 0.2;
        wrong[3].margins[0] = 0.0;
        wrong[4].z.as_mut().unwrap()[1] = 0.1;
        wrong[5].z_hat.as_mut().unwrap()[0] = 0.0;
        wrong[6].reconstruction.as_mut().unwrap()[0] = f32::NAN;
        for wrong in wrong {
            assert!(compare(&result(), &wrong, 2).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_tie_may_go_either_way() {
        let mut other = result();
        other.codes[1] = 8;
        assert_eq!(compare(&result(), &other, 2), Ok(()));
    }
}
