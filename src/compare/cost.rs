//! How long a run will take: by its amount of work, and by how long others of its kind took.

use std::collections::HashMap;

use super::catalogue::Catalogue;
use super::plan::Planned;
use super::preset::Preset;
use super::run::RunFile;
use super::tokenizers::store::Key;
use crate::recommend::kind::{Kind, Size};

/// Estimates that improve as runs finish.
#[derive(Debug, Default)]
pub struct Costs {
    /// Seconds that runs of a kind were expected to take, and took.
    seen: HashMap<&'static str, (f64, f64)>,
}

impl Costs {
    /// Seconds of a run, without its tokens.
    pub fn run(&self, planned: &Planned, catalogue: &Catalogue, preset: &Preset) -> f64 {
        self.corrected(planned.recommender.name(), expected(planned.recommender, catalogue, preset))
    }

    /// Seconds of making tokens.
    pub fn tokens(&self, key: &Key, catalogues: &[Catalogue], preset: &Preset) -> f64 {
        self.corrected(key.tokenizer.name(), tokens(key, catalogues, preset))
    }

    /// Learns that a run of a recommender took so long.
    pub fn took(&mut self, planned: &Planned, catalogue: &Catalogue, preset: &Preset, seconds: f64) {
        self.learn(planned.recommender.name(), expected(planned.recommender, catalogue, preset), seconds);
    }

    /// Learns that making tokens took so long.
    pub fn took_tokens(&mut self, key: &Key, catalogues: &[Catalogue], preset: &Preset, seconds: f64) {
        self.learn(key.tokenizer.name(), tokens(key, catalogues, preset), seconds);
    }

    /// Learns from runs that were done before.
    pub fn learn_from(&mut self, plan: &[Planned], done: &[Option<RunFile>], catalogues: &[Catalogue], preset: &Preset) {
        for (planned, file) in plan.iter().zip(done) {
            if let Some(file) = file {
                self.took(planned, &catalogues[planned.domain], preset, file.run.record.seconds);
                if let Some((key, tokens)) = planned.tokens.as_ref().zip(file.run.tokens.as_ref()) {
                    self.took_tokens(key, catalogues, preset, tokens.seconds);
                }
            }
        }
    }

    fn learn(&mut self, what: &'static str, expected: f64, seconds: f64) {
        let seen = self.seen.entry(what).or_default();
        seen.0 += expected;
        seen.1 += seconds;
    }

    fn corrected(&self, what: &str, expected: f64) -> f64 {
        match self.seen.get(what) {
            Some(&(before, took)) if before > 0.0 => expected * took / before,
            _ => expected,
        }
    }
}

/// Seconds of training a tokenizer on two threads of a Xeon, and of giving items their tokens.
fn tokens(key: &Key, catalogues: &[Catalogue], preset: &Preset) -> f64 {
    let domains = if key.training.len() > 1 { key.training.len() as f64 } else { 1.0 };
    let items: usize = key.targets.iter().map(|&number| catalogues[number].ids.len()).sum();
    key.tokenizer.steps(preset) * domains * 2.5e-5 + items as f64 * 1e-3
}

/// Seconds on two threads of a Xeon, where the rates were measured.
fn expected(kind: Kind, catalogue: &Catalogue, preset: &Preset) -> f64 {
    let epochs = preset.epochs.unwrap_or(kind.epochs(preset.size, catalogue.interactions())) as f64;
    let (interactions, items) = (catalogue.interactions() as f64, catalogue.ids.len() as f64);
    let users = catalogue.dataset.users().len() as f64;
    let grown = if preset.size == Size::Full { 10.0 } else { 1.0 };
    match kind {
        Kind::Popularity | Kind::PopularityByCode => users * items * 2e-8,
        Kind::Graph => users * items * 2e-8,
        Kind::Mf => epochs * interactions * 2e-6,
        Kind::LightGcn => epochs * interactions * 1e-5,
        Kind::SasRecBce | Kind::SasRecSampled => epochs * interactions * 1.5e-5,
        Kind::SasRec | Kind::Bert4Rec => epochs * interactions * (1e-5 + 2.3e-9 * items),
        Kind::Dec => epochs * interactions * 1e-4 * grown,
        Kind::T5 => epochs * interactions * 6e-4 * grown,
    }
}
