//! Small random models, and batches that a greedy reference in float64 quantizes.

use std::ops::Range;

use proptest::prelude::*;
use unitok::engine::Tokenized;
use unitok::model::Model;
use unitok::model::Template;
use unitok::model::{Architecture, Config, FORMAT_VERSION, Mix, TextConfig};

/// The generator SplitMix64, whose numbers are the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Uniform in [-1, 1).
    pub fn signed(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub experts: usize,
    pub top_n: usize,
    pub shared: bool,
    pub levels: usize,
    pub codes: usize,
    pub latent: usize,
}

/// Shapes of small models, with a number of codes in the range.
pub fn shapes(codes: Range<usize>) -> impl Strategy<Value = Shape> {
    (0usize..4, any::<bool>(), 1usize..4, codes).prop_flat_map(|(experts, shared, levels, codes)| {
        (0..=experts.min(2)).prop_map(move |n| Shape {
            experts,
            top_n: if experts == 0 { 0 } else { n.max(1) },
            shared: shared || experts == 0,
            levels,
            codes,
            latent: 3,
        })
    })
}

pub fn model(shape: Shape, seed: u64) -> Model {
    let mut random = Random(seed);
    let architecture = Architecture {
        input: 4,
        hidden: vec![],
        latent: shape.latent,
        levels: shape.levels,
        codes: shape.codes,
        experts: shape.experts,
        top_n: shape.top_n,
        shared: shape.shared,
        mix: Mix::Sum,
    };
    architecture.validate().unwrap();
    // Each level quantizes the residual of the one before, so its codes are smaller.
    let mut codebooks = Vec::new();
    for _ in 0..architecture.quantizers() {
        for level in 0..shape.levels {
            codebooks.extend((0..shape.codes * shape.latent).map(|_| random.signed() * 0.5f32.powi(level as i32)));
        }
    }
    let text = TextConfig { encoder: String::new(), encoder_sha256: String::new(), template: Template::default() };
    let config = Config { format_version: FORMAT_VERSION, domains: vec![], model: architecture, text, cooccurrence: None };
    Model { config, encoder: vec![], decoder: vec![], router: None, codebooks }
}

/// `items` random latents, each about `copies` times, so that codewords collide.
pub fn batch(model: &Model, items: usize, copies: usize, seed: u64) -> Tokenized {
    let mut random = Random(seed);
    let a = &model.config.model;
    let different: Vec<(Vec<f32>, Vec<u32>)> = (0..items.div_ceil(copies.max(1)))
        .map(|_| {
            let z = (0..a.latent).map(|_| random.signed()).collect();
            let first = random.below(a.experts.max(1));
            (z, (0..a.top_n).map(|rank| ((first + rank) % a.experts) as u32).collect())
        })
        .collect();
    let chosen: Vec<_> = (0..items).map(|_| different[random.below(different.len())].clone()).collect();
    quantize(model, &chosen)
}

/// Greedy residual quantization in float64.
pub fn quantize(model: &Model, items: &[(Vec<f32>, Vec<u32>)]) -> Tokenized {
    let a = &model.config.model;
    let mut out = Tokenized { items: items.len(), top_n: a.top_n, slots: a.slots(), levels: a.levels, ..Tokenized::default() };
    let mut all = Vec::new();
    for (z, experts) in items {
        let shared = a.shared.then_some(a.experts);
        for quantizer in experts.iter().map(|&k| k as usize).chain(shared) {
            let mut residual: Vec<f64> = z.iter().map(|v| f64::from(*v)).collect();
            for level in 0..a.levels {
                let distance = |code: &[f32]| code.iter().zip(&residual).map(|(c, r)| (r - f64::from(*c)).powi(2)).sum::<f64>();
                let errors: Vec<f64> = model.codebook(quantizer, level).chunks_exact(a.latent).map(distance).collect();
                let best = (0..a.codes).min_by(|&i, &j| errors[i].total_cmp(&errors[j])).unwrap();
                let code = &model.codebook(quantizer, level)[best * a.latent..][..a.latent];
                residual.iter_mut().zip(code).for_each(|(r, c)| *r -= f64::from(*c));
                out.codes.push(best as u32);
                out.residual_norms.push(errors[best].sqrt() as f32);
                out.margins.push(0.0);
            }
        }
        out.experts.extend(experts);
        out.gates.extend(experts.iter().map(|_| 0.5));
        all.extend(z);
    }
    out.z = Some(all);
    out
}
