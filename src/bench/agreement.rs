//! Comparison of results with the float64 reference. Ties are excepted: where two choices are equally good, either is right.

use super::data::RqData;
use crate::engine::reference::{self, Item};
use crate::engine::{TIE, Tokenized};

/// Whether the codes of vector `i` equal the reference's. After a tie the codes may differ, because the residual does. With
/// a beam `width` above 1, two chains of codes tie if their errors are equal.
pub fn chain_agrees(data: &RqData, i: usize, codes: &[u32], width: usize) -> bool {
    let mut residual: Vec<f64> = data.x[i * data.latent..][..data.latent].iter().map(|v| f64::from(*v)).collect();
    if width > 1 {
        let codebooks: Vec<&[f32]> = (0..data.levels).map(|level| data.codebook(level)).collect();
        let (exact, least_error) = reference::beam(&residual, &codebooks, width);
        let squared_norm = reference::squared_norm(&residual);
        for (codebook, &code) in codebooks.iter().zip(codes) {
            let code = &codebook[code as usize * data.latent..][..data.latent];
            residual.iter_mut().zip(code).for_each(|(r, c)| *r -= f64::from(*c));
        }
        return exact.iter().zip(codes).all(|(e, c)| *e == *c as usize)
            || (reference::squared_norm(&residual) - least_error).abs() <= TIE * squared_norm;
    }
    for (level, &code) in codes.iter().enumerate() {
        let exact = reference::quantize_level(&mut residual, data.codebook(level));
        if exact.code != code as usize {
            return exact.is_tie();
        }
    }
    true
}

/// Whether the experts and codes of result `i` equal the reference's, up to ties.
pub fn item_agrees(item: &Item, result: &Tokenized, i: usize) -> bool {
    if !result.experts_of(i).iter().map(|&k| k as usize).eq(item.experts.iter().copied()) {
        return item.router_tie;
    }
    item.slots.iter().enumerate().all(|(slot, exact)| {
        let different = exact.iter().zip(result.codes_of(i, slot)).find(|(exact, code)| exact.code != **code as usize);
        different.is_none_or(|(exact, _)| exact.is_tie())
    })
}
