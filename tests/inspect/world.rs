//! A small catalogue, tokenized by a model whose codes come in pairs that are almost the same.

use unitok::catalog::{Categories, Columns, Item};
use unitok::engine::cpu::CpuEngine;
use unitok::engine::{Tokenized, Want};
use unitok::inspect::Indexed;
use unitok::model::Model;
use unitok::tokens::{CodeVocabulary, Codewords, Layout, Policy, Schema, resolve};

use crate::common::model;

/// Width of an embedding.
pub const WIDTH: usize = 6;
/// Items: some of them twice, so that codewords collide whatever the codes.
pub const ITEMS: usize = 90;

/// Everything that is made of the catalogue.
pub struct World {
    pub model: Model,
    pub items: Columns,
    pub embeddings: Vec<f32>,
    /// What the engine said.
    pub batch: Tokenized,
    /// The same after the collision policy.
    pub resolved: Tokenized,
    pub schema: Schema,
    pub codewords: Codewords,
}

impl World {
    pub fn new(layout: Layout, policy: Policy) -> Self {
        Self::of(near_ties(), layout, CodeVocabulary::Shared, policy)
    }

    pub fn of(model: Model, layout: Layout, vocabulary: CodeVocabulary, policy: Policy) -> Self {
        let embeddings = embeddings();
        let want = Want { latents: true, reconstruction: true, margins: true, residual_norms: true };
        let batch = CpuEngine::new(&model).run(&embeddings, want).unwrap();
        let schema = Schema::new(&model.config.model, layout, vocabulary).unwrap();
        let mut resolved = batch.clone();
        let (codewords, _) = resolve(&model, &mut resolved, &schema, policy).unwrap();
        Self { model, items: (0..ITEMS).map(item).collect(), embeddings, batch, resolved, schema, codewords }
    }

    pub fn indexed(&self) -> Indexed<'_> {
        Indexed::new(&self.batch, &self.schema, &self.codewords).unwrap()
    }

    /// Latent of an item, in float64.
    pub fn z(&self, item: usize) -> Vec<f64> {
        let latent = self.model.config.model.latent;
        self.batch.z.as_ref().unwrap()[item * latent..][..latent].iter().map(|v| f64::from(*v)).collect()
    }

    /// The quantizer of the top expert of an item.
    pub fn quantizer(&self, item: usize) -> usize {
        self.batch.experts_of(item).first().map_or(0, |&expert| expert as usize)
    }
}

/// Two experts of which an item goes to both, and a shared one; three levels of eight codes. Every odd code is the one
/// before it, but for a millionth.
pub fn near_ties() -> Model {
    let mut model = model(WIDTH);
    let a = &mut model.config.model;
    (a.levels, a.codes, a.top_n) = (3, 8, 2);
    let (quantizers, latent) = (a.quantizers(), a.latent);
    let mut codebooks = Vec::new();
    for level in (0..quantizers * a.levels).map(|l| l % a.levels) {
        for code in 0..a.codes {
            let place = codebooks.len() - if code % 2 == 1 { latent } else { 0 };
            let value = |d: usize| {
                let nudge = if code % 2 == 1 && d == 0 { 1e-6 } else { 0.0 };
                wave(place + d) * 0.5f32.powi(level as i32 + 1) + nudge
            };
            codebooks.extend((0..latent).map(value));
        }
    }
    model.codebooks = codebooks;
    model
}

/// Numbers in [−1, 1] without a pattern.
pub fn wave(i: usize) -> f32 {
    (i as f32 * 12.9898 + 4.1414).sin()
}

/// Every third item has the embedding of the one before it.
fn embeddings() -> Vec<f32> {
    let row = |item: usize| if item % 3 == 2 { item - 1 } else { item };
    (0..ITEMS).flat_map(|item| (0..WIDTH).map(move |d| wave(1000 + row(item) * WIDTH + d))).collect()
}

fn item(i: usize) -> Item {
    let color = ["red", "green", "blue"][i % 3];
    let kind = ["Teapot", "Lamp", "Chair", "Shelf", "Rug"][i * 7 % 5];
    // Nine of ten items are of the house; one in ten has no category at all.
    let categories = if i % 10 == 9 { Categories::None } else { Categories::Tags(vec!["House".into(), kind.into()]) };
    Item { id: format!("item-{i}"), title: format!("{color} {kind}"), categories, ..Item::default() }
}
