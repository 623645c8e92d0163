//! Rounds the encoder's weights to fewer bits, to see how many codes that changes.

use half::f16;

use crate::model::{Linear, Model};

/// The precision that the encoder's weights are rounded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Rounding {
    /// Keep them as they are stored
    None,
    /// Half precision
    F16,
    /// 16-bit integers, with a scale for each row of weights
    Int16,
    /// 8-bit integers, with a scale for each row of weights
    Int8,
}

/// `model` with its encoder's weights rounded and converted back to f32, so that every engine can run it.
pub fn round_encoder(model: &Model, rounding: Rounding) -> Model {
    let mut model = model.clone();
    for layer in &mut model.encoder {
        match rounding {
            Rounding::None => {}
            Rounding::F16 => layer.weight.iter_mut().for_each(|w| *w = f16::from_f32(*w).to_f32()),
            Rounding::Int16 => round_rows(layer, f32::from(i16::MAX)),
            Rounding::Int8 => round_rows(layer, f32::from(i8::MAX)),
        }
    }
    model
}

/// Rounds each weight to a multiple of its row's largest magnitude divided by `steps`.
fn round_rows(layer: &mut Linear, steps: f32) {
    for row in layer.weight.chunks_exact_mut(layer.inputs) {
        let largest = row.iter().fold(0.0f32, |largest, w| largest.max(w.abs()));
        if largest > 0.0 {
            row.iter_mut().for_each(|w| *w = (*w / largest * steps).round() / steps * largest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_weights_are_off_by_half_a_step_at_most_and_zeros_stay() {
        let weight = vec![0.5, -1.0, 0.333, 0.0, 0.0, 0.0];
        let mut layer = Linear { weight: weight.clone(), bias: vec![0.0; 2], inputs: 3, outputs: 2 };
        round_rows(&mut layer, 127.0);
        assert!(weight.iter().zip(&layer.weight).all(|(w, r)| (w - r).abs() <= 0.51 / 127.0));
        assert_eq!(layer.weight[1], -1.0);
        assert_eq!(layer.weight[3..], [0.0; 3]);
        assert_ne!(layer.weight[2], 0.333);
    }
}
