//! A tiny tokenizer with random weights, for tests that need any model.

use unitok::base::random::Random;
use unitok::model::{Architecture, Config, FORMAT_VERSION, Linear, Model, Template, TextConfig};

/// A model `width`→6→4 with two experts and a shared one, and two levels of four codes.
pub fn model(width: usize) -> Model {
    let architecture = Architecture { hidden: vec![6], latent: 4, levels: 2, codes: 4, ..Architecture::small(width, 2) };
    let mut random = Random::new(7);
    let mut noise = |n: usize| -> Vec<f32> { (0..n).map(|_| random.centred()).collect() };
    let mut linear =
        |inputs: usize, outputs: usize| Linear { weight: noise(inputs * outputs), bias: noise(outputs), inputs, outputs };
    let (encoder, decoder) = (vec![linear(width, 6), linear(6, 4)], vec![linear(4, 6), linear(6, width)]);
    let router = Some(linear(4, 2));
    let codebooks = noise(3 * 2 * 4 * 4);
    let text = TextConfig { encoder: "none".into(), encoder_sha256: String::new(), template: Template::default() };
    let domains = vec!["one".into(), "two".into()];
    let config = Config { format_version: FORMAT_VERSION, domains, model: architecture, text, cooccurrence: None };
    Model { config, encoder, decoder, router, codebooks }
}
