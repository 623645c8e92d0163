//! Beam search over levels: several chains of codes are followed side by side, and the best of them is taken at the end.
//!
//! The codes that may follow a chain are screened in 16 bits as in the greedy search, but by tables of products between codes
//! instead of products with each residual ([`screen::best_chains`]).

use super::choice::Choice;
use super::quantizer::{Quantizer, Search, Workspace};
use crate::compute::DeviceError;
use crate::compute::cpu::linear_int8::IntegerLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::cpu::screen::{self, BeamSearch, CodeProducts, Level};
use crate::model::Linear;

/// The most products of codes in the tables: half a gibibyte.
const MOST_PRODUCTS: usize = 1 << 28;
/// Rows that are searched together.
const ROWS: usize = 48;

/// One quantizer, laid out for beam search.
#[derive(Debug, Clone)]
pub struct Beam {
    quantizer: Quantizer,
    /// Number of chains that are followed.
    width: usize,
    /// `x` → `⟨x, c⟩ − ½‖c‖²` of every code `[levels][codes, padded]`, in units of `products`.
    scores: IntegerLinear,
    products: CodeProducts,
}

impl Beam {
    /// Lays out `quantizer` for a search that follows `width` chains.
    ///
    /// # Errors
    /// [`DeviceError::Limit`] where the tables would take more than half a gibibyte.
    pub fn new(quantizer: Quantizer, width: usize) -> Result<Self, DeviceError> {
        let (levels, latent) = (&quantizer.levels, quantizer.latent);
        let codes = levels.first().map_or(0, |level| level.half_norms().len());
        let needed = codes * screen::stride(codes) * (levels.len() * levels.len().saturating_sub(1) / 2);
        if needed > MOST_PRODUCTS {
            let what = "products of codes in the tables of beam search";
            return Err(DeviceError::Limit { what, needed: needed as u64, limit: MOST_PRODUCTS as u64 });
        }
        let products = CodeProducts::new(levels, IntegerLinear::error_bound(latent));
        let scores = IntegerLinear::new(&score_layer(levels, latent, &products));
        Ok(Self { width, scores, products, quantizer })
    }
}

/// The layer that maps `x` to `⟨x, c⟩ − ½‖c‖²` for every code, `[levels][codes, padded]`, in units of `products`.
fn score_layer(levels: &[Level], latent: usize, products: &CodeProducts) -> Linear {
    let outputs = levels.len() * products.stride;
    let (mut weight, mut bias) = (vec![0.0; outputs * latent], vec![CodeProducts::PADDING; outputs]);
    for (l, (level, unit)) in levels.iter().zip(&products.units).enumerate() {
        for (t, half_norm) in level.half_norms().iter().enumerate() {
            let output = l * products.stride + t;
            bias[output] = -half_norm / unit;
            let code = level.code(t).as_flattened();
            weight[output * latent..][..latent].iter_mut().zip(code).for_each(|(weight, c)| *weight = c / unit);
        }
    }
    Linear { weight, bias, inputs: latent, outputs }
}

/// The best chain that the search finds. A margin is negative where the chain does not take the nearest code.
impl Search for Beam {
    fn quantize_rows(&self, latents: &[f32], margins: bool, work: &mut Workspace, choices: &mut Vec<Choice>) {
        choices.clear();
        let Quantizer { levels, latent } = &self.quantizer;
        let Some(first) = levels.first() else { return };
        let search = BeamSearch { levels, products: &self.products, width: self.width };
        let Workspace { residuals, rounded, scores, beam, .. } = work;
        for latents in latents.chunks(ROWS * latent) {
            self.scores.forward_into(latents, Activation::Identity, rounded, scores);
            first.pad(latents, residuals);
            screen::best_chains(&search, residuals, scores, beam, choices);
        }
        if margins {
            self.quantizer.margins(latents, work, choices);
        }
    }

    fn add_codes(&self, choices: &[Choice], weight: f32, sum: &mut [f32]) {
        self.quantizer.add_codes(choices, weight, sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Random;
    use crate::engine::reference;

    fn noise(n: usize, seed: u32, scale: f32) -> Vec<f32> {
        let mut random = Random::new(seed.wrapping_mul(0x9E37_79B9) | 1);
        (0..n).map(|_| scale * (random.centred() + random.centred())).collect()
    }

    fn codebooks(levels: usize, codes: usize, latent: usize) -> Vec<Vec<f32>> {
        (0..levels).map(|l| noise(codes * latent, 7 + l as u32, 0.7f32.powi(l as i32))).collect()
    }

    fn check(codebooks: &[Vec<f32>], latent: usize, width: usize, rows: &[f32]) {
        let slices: Vec<&[f32]> = codebooks.iter().map(Vec::as_slice).collect();
        let (levels, quantizer) = (slices.len(), Quantizer::from_codebooks(slices.iter().copied(), latent));
        let beam = Beam::new(quantizer.clone(), width).unwrap();
        let (mut work, mut choices, mut greedy) = (Workspace::default(), Vec::new(), Vec::new());
        beam.quantize_rows(rows, true, &mut work, &mut choices);
        quantizer.quantize_rows(rows, true, &mut work, &mut greedy);
        assert_eq!(choices.len(), greedy.len());
        for (i, (row, choices)) in rows.chunks_exact(latent).zip(choices.chunks_exact(levels)).enumerate() {
            let exact: Vec<f64> = row.iter().map(|v| f64::from(*v)).collect();
            let (codes, error) = reference::beam(&exact, &slices, width);
            let found = f64::from(choices[levels - 1].residual_norm).powi(2);
            let tie = 1e-5 * reference::squared_norm(&exact);
            let same = codes.iter().zip(choices).all(|(code, choice)| *code == choice.code as usize);
            assert!(same || (found - error).abs() <= tie, "row {i}: {choices:?}, reference {codes:?} {error}");
            let greedy = &greedy[i * levels..][..levels];
            assert!(width > 1 || greedy.iter().map(|c| c.code).eq(choices.iter().map(|c| c.code)), "row {i}");
        }
    }

    #[test]
    fn finds_the_same_chains_as_the_float64_search() {
        for (levels, codes, latent, width) in
            [(1, 5, 3, 4), (2, 16, 8, 3), (4, 40, 32, 5), (6, 20, 8, 9), (3, 17, 33, 64), (4, 64, 16, 1)]
        {
            check(&codebooks(levels, codes, latent), latent, width, &noise(100 * latent, 3, 1.5));
        }
    }

    /// Rows whose scores 16 bits do not hold are not screened; rows beside them are.
    #[test]
    fn scales_of_rows_and_codes_do_not_matter() {
        let scaled = |values: &[f32], scale: f32| values.iter().map(|v| v * scale).collect::<Vec<_>>();
        let rows = noise(30 * 16, 3, 1.5);
        let far = [rows.as_slice(), &scaled(&rows, 30.0), &scaled(&rows, 1e-4)].concat();
        check(&codebooks(3, 50, 16), 16, 5, &far);
        for scale in [1e-12, 1e12] {
            let codebooks: Vec<Vec<f32>> = codebooks(3, 50, 16).iter().map(|codebook| scaled(codebook, scale)).collect();
            check(&codebooks, 16, 5, &scaled(&rows, scale));
        }
        check(&vec![vec![0.0; 50 * 16]; 3], 16, 5, &rows);
    }

    #[test]
    fn a_row_that_is_not_finite_gets_some_codes_and_no_panic() {
        let codebooks = codebooks(3, 50, 16);
        let beam = Beam::new(Quantizer::from_codebooks(codebooks.iter().map(Vec::as_slice), 16), 5).unwrap();
        for value in [f32::NAN, f32::INFINITY, f32::MAX] {
            let mut choices = Vec::new();
            beam.quantize_rows(&[value; 16], false, &mut Workspace::default(), &mut choices);
            assert!(choices.len() == 3 && choices.iter().all(|choice| choice.code < 50));
        }
    }

    #[test]
    fn tables_that_take_too_much_memory_are_refused() {
        let codebook = vec![0.5; 1 << 15];
        let quantizer = Quantizer::from_codebooks([codebook.as_slice(); 2].into_iter(), 1);
        assert!(matches!(Beam::new(quantizer, 5), Err(DeviceError::Limit { .. })));
    }
}
