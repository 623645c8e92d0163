//! How `quantize` divides the product of residuals and codes, and codebooks in the order in which it reads them.

use crate::compute::gpu::limits::padded;
use crate::model::{Architecture, Model};

/// Bytes of workgroup memory for residuals.
const RESIDUAL_BYTES: usize = 8 << 10;
/// Codes of one invocation.
const EACH: usize = 8;
/// Stands for a code that does not exist: less than any score.
const NEVER: f32 = f32::MIN;

/// The division of one launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Division {
    /// Pairs of an item and a slot in a workgroup.
    pub pairs: usize,
    /// Groups of four pairs that an invocation has.
    pub groups: usize,
    /// Invocations side by side, each with [`EACH`] codes at a time.
    pub columns: usize,
    /// How often these take their next codes to have had all.
    pub passes: usize,
    /// Features of codes in workgroup memory at a time.
    pub depth: usize,
}

impl Division {
    /// The division for a model: 64 × 128 scores at a time, fewer where latents are wide or codes few.
    pub fn of(a: &Architecture) -> Self {
        let latent = padded(a.latent);
        let fit = (RESIDUAL_BYTES / 4 / latent).clamp(1, 64);
        // The next lower power of two.
        let pairs = 1 << fit.ilog2();
        let columns = if a.codes <= 64 { 8 } else { 16 };
        Self {
            pairs,
            groups: if pairs == 64 { 2 } else { 1 },
            columns,
            passes: a.codes.div_ceil(EACH * columns),
            depth: if latent.is_multiple_of(8) { 8 } else { 4 },
        }
    }

    /// Invocations of a workgroup.
    pub fn threads(self) -> usize {
        self.columns * self.pairs / (4 * self.groups)
    }

    /// Rows of `columns · 2` `vec4f` for `depth` features, and for what else is kept in their place: a best score of each
    /// invocation and pair, and a sum of squares of each `vec4f` of a residual.
    pub fn slab_rows(self, a: &Architecture) -> usize {
        let width4 = self.columns * EACH / 4;
        let bests = self.columns * self.pairs / 4;
        let squares = self.pairs / 4 * padded(a.latent) / 4;
        self.depth.max(bests.max(squares).div_ceil(width4))
    }

    /// `vec4f` of a slab that an invocation loads.
    pub fn loads(self) -> usize {
        self.depth * EACH / 4 * self.columns / self.threads()
    }

    /// Numbers of the codes of a pass, in the order in which they are stored. Invocations in lower columns have lower codes
    /// in all passes together.
    fn order(self, pass: usize) -> impl Iterator<Item = usize> {
        let code = move |i: usize| {
            let (j, column, lane) = (i / (4 * self.columns), i / 4 % self.columns, i % 4);
            (column * self.passes + pass) * EACH + j * 4 + lane
        };
        (0..EACH * self.columns).map(code)
    }

    /// All codebooks, feature by feature: `[quantizers][levels][passes][latent][columns · 8]`, latent padded; and their
    /// `−½‖c‖²`, without the features.
    pub fn lay_out(self, model: &Model) -> (Vec<f32>, Vec<f32>) {
        let a = &model.config.model;
        let (mut slabs, mut half_norms) = (Vec::new(), Vec::new());
        for codebook in model.codebooks.chunks_exact(a.codes * a.latent) {
            let code = |number: usize| codebook.chunks_exact(a.latent).nth(number);
            for pass in 0..self.passes {
                half_norms.extend(self.order(pass).map(|number| code(number).map_or(NEVER, half_norm)));
                for d in 0..padded(a.latent) {
                    slabs.extend(self.order(pass).map(|number| code(number).and_then(|c| c.get(d)).copied().unwrap_or(0.0)));
                }
            }
        }
        (slabs, half_norms)
    }
}

fn half_norm(code: &[f32]) -> f32 {
    (-0.5 * code.iter().map(|c| f64::from(*c).powi(2)).sum::<f64>()) as f32
}

/// Bits of a code in the results.
pub fn code_bits(a: &Architecture) -> usize {
    if a.codes <= 256 { 8 } else { 16 }
}

/// 32-bit words of a pair's codes in the results.
pub fn code_words(a: &Architecture) -> usize {
    (a.levels * code_bits(a)).div_ceil(32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_stored_once_and_lower_columns_have_lower_codes() {
        for (codes, latent) in [(2, 1), (64, 4), (65, 30), (256, 32), (1000, 255), (65_536, 100)] {
            let a = Architecture { codes, latent, ..Architecture::small(384, 6) };
            let division = Division::of(&a);
            let mut last = vec![None; division.columns];
            let mut seen = vec![0; division.passes * division.columns * EACH];
            for pass in 0..division.passes {
                for (i, code) in division.order(pass).enumerate() {
                    seen[code] += 1;
                    let column = i / 4 % division.columns;
                    assert_eq!(code / (EACH * division.passes), column);
                    assert!(last[column] < Some(code), "a column's codes ascend");
                    last[column] = Some(code);
                }
            }
            assert!(seen.len() >= codes && seen.iter().all(|&n| n == 1));
        }
    }

    #[test]
    fn workgroups_stay_within_the_limits_of_webgpu() {
        for codes in [2, 64, 65, 65_536] {
            for latent in 1..=256 {
                let a = Architecture { codes, latent, ..Architecture::small(384, 6) };
                let division = Division::of(&a);
                assert!((division.pairs..=256).contains(&division.threads()), "{division:?}");
                assert_eq!(division.loads() * division.threads(), division.depth * division.columns * 2);
                let floats = division.pairs * (padded(latent) + 4) + division.slab_rows(&a) * division.columns * 8;
                assert!(4 * floats <= 16 << 10, "{latent}: {division:?}");
                assert!(padded(latent).is_multiple_of(division.depth));
            }
        }
    }
}
