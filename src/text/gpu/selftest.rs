//! The self-test: every kernel on a few fixed tokens, compared with the CPU, since some drivers compute wrongly.

use super::encoder::TextGpu;
use crate::base::random::Random;
use crate::compute::DeviceError;
use crate::text::{Architecture, CpuTransformer, TokenBatch};

/// Tokens of each text: the fewest possible, more than one tile of queries and slab of keys, and a number in between.
/// Together few enough to take no noticeable time on the CPU.
const LENGTHS: [usize; 3] = [2, 37, 19];
/// Largest allowed difference, relative to the norm of a row: far above the effect of rounding, far below that of a wrong
/// kernel.
const TOLERANCE: f32 = 1e-3;

/// Runs the test.
///
/// # Errors
/// [`DeviceError::SelfTest`] with the first difference.
pub async fn run(gpu: &TextGpu, cpu: &CpuTransformer, a: &Architecture, longest: usize) -> Result<(), DeviceError> {
    let batches = [tokens(a.vocabulary, longest)];
    let expected = cpu.run(&batches);
    let found = gpu.run(&batches).await?;
    compare(&expected[0], &found[0], a.hidden).map_err(DeviceError::SelfTest)
}

/// Pseudo-random ids over the whole vocabulary, the same on every machine.
fn tokens(vocabulary: usize, longest: usize) -> TokenBatch {
    let mut batch = TokenBatch::default();
    let mut random = Random::new(1);
    for length in LENGTHS {
        let ids: Vec<u32> = std::iter::repeat_with(|| random.bits() % vocabulary as u32).take(length.min(longest)).collect();
        batch.push(&ids);
    }
    batch
}

/// Describes the first difference beyond the tolerance.
fn compare(cpu: &[f32], gpu: &[f32], width: usize) -> Result<(), String> {
    if cpu.len() != gpu.len() {
        return Err(format!("{} values where the CPU has {}", gpu.len(), cpu.len()));
    }
    for (row, (cpu, gpu)) in cpu.chunks_exact(width).zip(gpu.chunks_exact(width)).enumerate() {
        let norm = cpu.iter().map(|v| v * v).sum::<f32>().sqrt();
        for (column, (c, g)) in cpu.iter().zip(gpu).enumerate() {
            let close = (c - g).abs() <= TOLERANCE * norm;
            // Written so that NaN fails too.
            if !close {
                return Err(format!("text {row}: value {column} of the embedding is {g}, the CPU has {c}"));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_passes_and_any_wrong_value_fails() {
        let cpu = [3.0, 4.0, 0.0, 1.0];
        assert_eq!(compare(&cpu, &[3.004, 4.0, 0.0, 1.0], 2), Ok(()));
        assert!(compare(&cpu, &[3.01, 4.0, 0.0, 1.0], 2).is_err());
        assert!(compare(&cpu, &[3.0, 4.0, 0.0, f32::NAN], 2).unwrap_err().contains("text 1: value 1"));
        assert!(compare(&cpu, &[0.0; 4], 2).is_err(), "stale or empty memory");
        assert!(compare(&cpu, &cpu[..2], 2).is_err());
    }

    #[test]
    fn texts_are_no_longer_than_the_model_allows() {
        let batch = tokens(100, 8);
        assert_eq!(batch.ends, [2, 10, 18]);
        assert!(batch.ids.iter().all(|&id| id < 100));
    }
}
