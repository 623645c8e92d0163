//! LETTER's diversity loss (arXiv 2405.07314, section 3.2): a code in use is drawn to another code of its cluster and away
//! from all the rest, so that the codes of a level form even clusters.

use super::alignment::cross_entropy;
use super::quantization::Quantized;
use crate::compute::cpu::gemm::{Side, multiply};
use crate::model::Model;

/// The loss of a batch and its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Diversity {
    /// `−Σ_levels mean_items ln softmax_{k ≠ c}⟨e_c, e_k⟩ [k = partner of c]`, where `c` is the item's code.
    pub loss: f64,
    /// Laid out as the codebooks. The loss depends on nothing else.
    pub codebook_gradient: Vec<f32>,
}

/// Loss of the codes that `quantized` uses, given the `partners [quantizers][levels][codes]` of all codes. A code that is
/// its own partner has none, and no loss.
pub fn diversity(model: &Model, quantized: &Quantized, partners: &[u32]) -> Diversity {
    let a = &model.config.model;
    let items = quantized.quantizers.len() / quantized.slots;
    let mut uses = vec![0u32; partners.len()];
    for (quantizer, codes) in quantized.quantizers.iter().zip(quantized.codes.chunks_exact(a.levels)) {
        codes.iter().enumerate().for_each(|(level, &code)| uses[(quantizer * a.levels + level) * a.codes + code as usize] += 1);
    }
    let mut out = Diversity { loss: 0.0, codebook_gradient: Vec::with_capacity(model.codebooks.len()) };
    let codebooks = model.codebooks.chunks_exact(a.codes * a.latent);
    for ((codebook, uses), partners) in codebooks.zip(uses.chunks_exact(a.codes)).zip(partners.chunks_exact(a.codes)) {
        let (loss, gradient) = of_codebook(codebook, a.latent, uses, partners, items);
        out.loss += loss;
        out.codebook_gradient.extend(gradient);
    }
    out
}

/// Loss and gradient of one codebook: all items of a code share them.
fn of_codebook(codebook: &[f32], latent: usize, uses: &[u32], partners: &[u32], items: usize) -> (f64, Vec<f32>) {
    let codes = uses.len();
    let mut similarities = multiply(Side::Rows(codebook, latent), Side::Rows(codebook, latent));
    let mut loss = 0.0;
    for (code, row) in similarities.chunks_exact_mut(codes).enumerate() {
        let (share, partner) = (f64::from(uses[code]) / items as f64, partners[code] as usize);
        if uses[code] == 0 || partner == code {
            row.fill(0.0);
            continue;
        }
        row[code] = f32::NEG_INFINITY;
        loss += share * cross_entropy(row, partner);
        row.iter_mut().for_each(|g| *g *= share as f32);
    }
    // ⟨e_c, e_k⟩ depends on both codes.
    let mut gradient = multiply(Side::Rows(&similarities, codes), Side::Columns(codebook, latent));
    let of_others = multiply(Side::Columns(&similarities, codes), Side::Columns(codebook, latent));
    gradient.iter_mut().zip(of_others).for_each(|(g, other)| *g += other);
    (loss, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATENT: usize = 3;
    const USES: [u32; 5] = [3, 0, 1, 2, 1];
    const PARTNERS: [u32; 5] = [2, 0, 0, 4, 4];

    fn reference(codebook: &[f64]) -> f64 {
        let dot = |c: usize, k: usize| -> f64 { (0..LATENT).map(|d| codebook[c * LATENT + d] * codebook[k * LATENT + d]).sum() };
        let of = |c: usize| {
            let others = (0..5).filter(|&k| k != c).map(|k| dot(c, k).exp()).sum::<f64>().ln();
            others - dot(c, PARTNERS[c] as usize)
        };
        // The last code is its own partner.
        (0..4).map(|c| f64::from(USES[c]) / 7.0 * of(c)).sum()
    }

    #[test]
    fn loss_and_gradient_match_float64() {
        let codebook: Vec<f32> = (0..5 * LATENT).map(|i| (i as f32 * 12.9898).sin()).collect();
        let (loss, gradient) = of_codebook(&codebook, LATENT, &USES, &PARTNERS, 7);
        let exact: Vec<f64> = codebook.iter().copied().map(f64::from).collect();
        assert!((loss - reference(&exact)).abs() < 1e-6);
        for (at, ours) in gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut codebook = exact.clone();
                codebook[at] += by;
                reference(&codebook)
            };
            let numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((numeric - f64::from(*ours)).abs() < 1e-5, "at {at}: {ours} for {numeric}");
        }
    }
}
