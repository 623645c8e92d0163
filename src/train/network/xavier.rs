//! Xavier's starting point of a network.

use rand::Rng;

use crate::learn::seed::generator;
use crate::model::{Config, Linear, Model};

/// A model with Xavier-uniform layers (Glorot & Bengio 2010) and zero codebooks.
pub fn xavier(config: Config, seed: u64) -> Model {
    let a = config.model.clone();
    let widths = a.widths();
    let reversed: Vec<usize> = widths.iter().rev().copied().collect();
    let layers = |widths: &[usize], part: &str| {
        let pairs = widths.windows(2).enumerate();
        pairs.map(|(i, w)| xavier_linear(w[0], w[1], seed, &format!("{part} {i}"))).collect()
    };
    Model {
        encoder: layers(&widths, "encoder"),
        decoder: layers(&reversed, "decoder"),
        router: (a.experts > 0).then(|| xavier_linear(a.latent, a.experts, seed, "router")),
        codebooks: vec![0.0; a.parameters().codebooks],
        config,
    }
}

fn xavier_linear(inputs: usize, outputs: usize, seed: u64, purpose: &str) -> Linear {
    let mut rng = generator(seed, purpose, 0);
    let bound = (6.0 / (inputs + outputs) as f32).sqrt();
    // 24 random bits make a uniform float in [0, 1) on every platform.
    let mut uniform = || bound * (2.0 * (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32 - 1.0);
    Linear { weight: (0..inputs * outputs).map(|_| uniform()).collect(), bias: vec![0.0; outputs], inputs, outputs }
}
