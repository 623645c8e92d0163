//! A tokenizer and items from pseudo-random numbers, with the structure of real ones: embeddings are clustered, and codebooks
//! are drawn from the residuals that they will quantize.

use crate::engine::{reference, scale_rows};
use crate::model::{Architecture, Config, FORMAT_VERSION, Linear, Model, Template, TextConfig};

/// A generator of uniform and normal numbers (xorshift64*) that gives the same numbers on every machine.
pub struct Random(u64);

impl Random {
    /// A generator that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A uniform integer below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 16) % n as u64) as usize
    }

    /// A uniform number in [0, 1).
    pub fn uniform(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// A nearly standard normal number: the sum of twelve uniform ones, minus six.
    pub fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.uniform()).sum::<f32>() - 6.0
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
}

/// Embeddings `[items][width]` around a dozen centres, which are the same for every seed.
pub fn rows(items: usize, width: usize, seed: u64) -> Vec<f32> {
    let mut centres = Random::new(77);
    let centres: Vec<f32> = (0..12 * width).map(|_| centres.normal()).collect();
    let mut random = Random::new(seed);
    let mut rows = Vec::with_capacity(items * width);
    for _ in 0..items {
        let centre = random.below(12) * width;
        rows.extend((0..width).map(|d| centres[centre + d] + 0.7 * random.normal()));
    }
    rows
}

/// Made-up product titles of three to a dozen words.
pub fn titles(count: usize, seed: u64) -> Vec<String> {
    const KINDS: [&str; 16] = [
        "garden hose",
        "desk lamp",
        "board game",
        "face cream",
        "green tea",
        "notebook",
        "phone case",
        "water bottle",
        "guitar strings",
        "puzzle",
        "hand soap",
        "olive oil",
        "fountain pen",
        "toy train",
        "winter gloves",
        "wall clock",
    ];
    const WORDS: [&str; 24] = [
        "with",
        "for",
        "small",
        "large",
        "organic",
        "stainless",
        "steel",
        "wooden",
        "classic",
        "portable",
        "set",
        "of",
        "two",
        "pack",
        "family",
        "edition",
        "travel",
        "size",
        "premium",
        "soft",
        "waterproof",
        "kids",
        "adults",
        "refill",
    ];
    let mut random = Random::new(seed);
    let mut title = || {
        let mut words = vec![KINDS[random.below(KINDS.len())].to_owned()];
        words.extend((0..2 + random.below(9)).map(|_| WORDS[random.below(WORDS.len())].to_owned()));
        words.push(format!("{}", random.below(1000)));
        words.join(" ")
    };
    (0..count).map(|_| title()).collect()
}

/// A configuration of a model with `architecture`.
pub fn config(architecture: Architecture) -> Config {
    architecture.validate().expect("the architecture is valid");
    let text = TextConfig { encoder: "none".into(), encoder_sha256: String::new(), template: Template::default() };
    let domains = (0..architecture.experts).map(|k| format!("domain {k}")).collect();
    Config { format_version: FORMAT_VERSION, domains, model: architecture, text, cooccurrence: None }
}

/// A tokenizer whose codebooks fit embeddings from [`rows`].
pub fn model(a: &Architecture, seed: u64) -> Model {
    let mut random = Random::new(seed);
    let widths = a.widths();
    let encoder = widths.windows(2).map(|w| layer(w[0], w[1], &mut random)).collect();
    let decoder = widths.windows(2).rev().map(|w| layer(w[1], w[0], &mut random)).collect();
    let router = (a.experts > 0).then(|| layer(a.latent, a.experts, &mut random));
    let mut model = Model { config: config(a.clone()), encoder, decoder, router, codebooks: Vec::new() };
    let sample = scale_rows(&rows(200, a.input, 5), a.input).unwrap();
    let latents: Vec<Vec<f64>> = sample.chunks_exact(a.input).map(|x| reference::encode(&model, x)).collect();
    for _ in 0..a.quantizers() {
        add_codebooks(a, latents.clone(), &mut model.codebooks, &mut random);
    }
    model
}

/// A layer with Xavier weights and small biases.
fn layer(inputs: usize, outputs: usize, random: &mut Random) -> Linear {
    let scale = (2.0 / (inputs + outputs) as f32).sqrt();
    let weight = (0..inputs * outputs).map(|_| scale * random.normal()).collect();
    let bias = (0..outputs).map(|_| 0.1 * random.normal()).collect();
    Linear { weight, bias, inputs, outputs }
}

/// Appends the codebooks of one quantizer. The codes of each level are noisy samples of the residuals of the level before.
fn add_codebooks(a: &Architecture, mut residuals: Vec<Vec<f64>>, codebooks: &mut Vec<f32>, random: &mut Random) {
    for _ in 0..a.levels {
        let squares: f64 = residuals.iter().flatten().map(|r| r * r).sum();
        let deviation = (squares / (residuals.len() * a.latent) as f64).sqrt() as f32;
        let start = codebooks.len();
        for _ in 0..a.codes {
            let sample = &residuals[random.below(residuals.len())];
            codebooks.extend(sample.iter().map(|&r| 0.9 * r as f32 + 0.3 * deviation * random.normal()));
        }
        for residual in &mut residuals {
            reference::quantize_level(residual, &codebooks[start..]);
        }
    }
}
