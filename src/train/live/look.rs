//! How a run is doing, in a fixed sample of its items.

use serde::Serialize;

use super::map::project;
use crate::audit::model::{NetCollisions, net_collisions};
use crate::base::hash::fnv1a_of_floats;
use crate::engine::cpu::CpuEngine;
use crate::engine::{EngineError, Tokenized, Want};
use crate::model::Model;
use crate::tokens::{CodeVocabulary, Layout, Schema};
use crate::train::data::Domain;

/// Most items of the sample.
pub const SAMPLE: usize = 2000;

/// The sample, and what one look leaves for the next.
#[derive(Debug)]
pub struct Looker {
    /// Scaled rows of the sample.
    rows: Vec<f32>,
    width: usize,
    /// The domain of each item.
    pub domains: Vec<u32>,
    /// Equal for equal rows.
    texts: Vec<u64>,
    map: Option<Vec<f32>>,
}

/// One look.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// `[items][2]` latents in two dimensions.
    pub map: Vec<f32>,
    /// What the codes are at; none before there are codebooks.
    pub codes: Option<CodesLook>,
}

/// How codes are used.
#[derive(Debug, Clone, PartialEq)]
pub struct CodesLook {
    /// Collisions of the codewords with their experts.
    pub net: NetCollisions,
    /// `[quantizers][levels][codes]` items of each code.
    pub uses: Vec<u32>,
    /// `[items]` the expert of each item; the shared one where there are no others.
    pub experts: Vec<u32>,
    /// `[items]` the first code of each item.
    pub first: Vec<u32>,
}

/// Figures of a look, as a page shows them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "web-train", derive(tsify::Tsify))]
pub struct LookFigures {
    /// Items of the sample with distinct vectors.
    pub distinct: usize,
    /// Share of them beyond the number of different codewords.
    pub collisions: f64,
}

impl Looker {
    /// A sample of the items of `domains`, evenly spaced.
    pub fn new(domains: &[Domain], width: usize) -> Self {
        let all: Vec<(u32, &[f32])> =
            domains.iter().enumerate().flat_map(|(k, d)| d.rows.chunks_exact(width).map(move |row| (k as u32, row))).collect();
        let count = all.len().min(SAMPLE);
        let (domains, rows): (Vec<u32>, Vec<&[f32]>) = (0..count).map(|i| all[i * all.len() / count]).unzip();
        let texts = rows.iter().map(|row| fnv1a_of_floats(row)).collect();
        Self { rows: rows.concat(), width, domains, texts, map: None }
    }

    /// Looks at `model`, at its codes too where `coded`.
    ///
    /// # Errors
    /// Values that are not finite any more.
    pub fn look(&mut self, model: &Model, coded: bool) -> Result<Look, EngineError> {
        let (engine, latent) = (CpuEngine::new(model), model.config.model.latent);
        let mut look = Look { map: Vec::new(), codes: None };
        let z = if coded {
            let mut batch = engine.run_scaled(&self.rows, Want { latents: true, ..Want::default() })?;
            look.codes = Some(self.codes(model, &batch));
            batch.z.take().unwrap_or_default()
        } else {
            let rows = self.rows.chunks(256 * self.width);
            rows.flat_map(|rows| engine.encode(rows)).collect()
        };
        look.map = project(&z, latent, self.map.as_deref());
        self.map = Some(look.map.clone());
        Ok(look)
    }

    fn codes(&self, model: &Model, batch: &Tokenized) -> CodesLook {
        let a = &model.config.model;
        let schema = Schema::new(a, Layout::ExpertLast, CodeVocabulary::default()).expect("every model has this layout");
        let net = net_collisions(&schema.codewords(batch), &self.texts, 0..batch.items);
        let (mut uses, mut experts, mut first) = (vec![0; a.quantizers() * a.levels * a.codes], Vec::new(), Vec::new());
        for item in 0..batch.items {
            let routed = batch.experts_of(item);
            experts.push(routed.first().copied().unwrap_or(0));
            let shared = a.shared.then_some(a.experts as u32);
            for (slot, quantizer) in routed.iter().copied().chain(shared).enumerate() {
                let chain = &batch.codes[(item * a.slots() + slot) * a.levels..][..a.levels];
                for (level, code) in chain.iter().enumerate() {
                    uses[(quantizer as usize * a.levels + level) * a.codes + *code as usize] += 1;
                }
            }
            first.push(batch.codes[item * a.slots() * a.levels]);
        }
        CodesLook { net, uses, experts, first }
    }
}
