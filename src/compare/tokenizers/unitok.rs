//! UniTok and its ablations, by the recipe of `unitok train`.

use serde_json::{Map, Value};

use super::{Made, Reads, Task, Tokenizer};
use crate::compare::catalogue::Catalogue;
use crate::compare::error::CompareError;
use crate::compare::preset::Preset;
use crate::compare::watch::OfUniTok;
use crate::engine::Want;
use crate::engine::cpu::CpuEngine;
use crate::model::{Model, Precision};
use crate::tokens::{CodeVocabulary, Index, Layout, Policy, Schema, resolve};
use crate::train::TrainError;
use crate::train::data::Domain;
use crate::train::network::device::Device;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::evaluate::Evaluation;
use crate::train::recipes::unitok::options::Variant;
use crate::train::recipes::unitok::session::{Data, Ended, Options, train};

/// Seconds of a step on two threads, for an item of its batch: 1,020 items took 25 ms.
const SECONDS_PER_ITEM_STEP: f64 = 2.5e-5;

/// A variant of UniTok.
#[derive(Debug, Clone, Copy)]
pub struct UniTok {
    /// Its name.
    pub name: &'static str,
    /// Which parts of the method are on.
    pub variant: Variant,
}

impl Tokenizer for UniTok {
    fn name(&self) -> &'static str {
        self.name
    }

    fn reads(&self) -> Reads {
        Reads { vectors: true, ..Reads::default() }
    }

    fn settings(&self, preset: &Preset, changes: &[String]) -> Result<String, CompareError> {
        Ok(self.config(preset, changes)?.to_toml() + "tokens = \"expert-last, assign\"\n")
    }

    fn cost(&self, preset: &Preset, items: usize) -> f64 {
        let recipe = self.config(preset, &[]).map(|config| config.recipe).unwrap_or_default();
        let steps = recipe.warmup_steps + recipe.joint_steps + recipe.decoder_steps;
        // A catalogue has about ten thousand items.
        let domains = items.div_ceil(10_000);
        steps as f64 * (domains * recipe.items_per_domain) as f64 * SECONDS_PER_ITEM_STEP
    }

    fn make(&self, task: &mut Task<'_>) -> Result<Option<Made>, CompareError> {
        let mut config = self.config(task.preset, task.changes)?;
        config.seed = task.seed;
        let data = data(&task.training);
        let smallest = data.domains.iter().map(|domain| domain.items(data.width)).min().unwrap_or(0);
        config.recipe.items_per_domain = config.recipe.items_per_domain.min(smallest);
        let Some(evaluation) = self.train(&config, &data, task)? else { return Ok(None) };
        let model =
            Model::load(task.folder).map_err(|source| CompareError::Train { tokenizer: self.name, source: source.into() })?;
        let indexes = task.targets.iter().map(|target| tokens(&model, target)).collect::<Result<_, _>>()?;
        Ok(Some(Made { indexes, parameters: model.config.model.parameters().total(), measured: measured(&evaluation) }))
    }
}

impl UniTok {
    fn config(&self, preset: &Preset, changes: &[String]) -> Result<TrainConfig, CompareError> {
        let config = TrainConfig::from_toml(&preset.unitok, changes)?;
        Ok(TrainConfig { variant: self.variant, ..config })
    }

    /// Trains in the task's folder; goes on with what an earlier session left there, unless that was something else.
    fn train(&self, config: &TrainConfig, data: &Data, task: &mut Task<'_>) -> Result<Option<Evaluation>, CompareError> {
        let mut run = |resume| {
            let command = format!("unitok compare ({})", self.name);
            let options = Options { out: task.folder.into(), resume, force: true, precision: Precision::F32, command };
            train(config, data, Device::Cpu, &options, &mut OfUniTok(task.watcher))
        };
        let ended = match run(true) {
            Err(TrainError::OtherRun(_) | TrainError::Folder(_)) => run(false),
            ended => ended,
        };
        match ended.map_err(|source| CompareError::Train { tokenizer: self.name, source })? {
            Ended::Finished(evaluation) => Ok(Some(*evaluation)),
            Ended::Interrupted(_) => Ok(None),
        }
    }
}

/// Training rows by domain: those of items without a text would only repeat each other.
fn data(catalogues: &[&Catalogue]) -> Data {
    let domain = |catalogue: &&Catalogue| Domain { name: catalogue.name.clone(), rows: catalogue.vectors.own_rows() };
    let first = &catalogues[0].vectors;
    Data {
        domains: catalogues.iter().map(domain).collect(),
        unseen: Vec::new(),
        width: first.width,
        text: first.text.clone(),
        collaborative: None,
        left_out: Vec::new(),
    }
}

/// The tokens of a catalogue's items, without collisions as far as there are codes for it.
fn tokens(model: &Model, catalogue: &Catalogue) -> Result<Index, CompareError> {
    let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared)?;
    let mut batch = CpuEngine::new(model).run(&catalogue.vectors.rows, Want { latents: true, ..Want::default() })?;
    let (codewords, _) = resolve(model, &mut batch, &schema, Policy::Assign)?;
    let rows = catalogue.ids.iter().enumerate().map(|(item, id)| (id.clone(), codewords.tokens(item)));
    Ok(Index::from_rows(rows)?)
}

/// What the checks and figures of the comparison need of a trained model.
fn measured(evaluation: &Evaluation) -> Map<String, Value> {
    let report = &evaluation.report;
    let domains = report.domains.iter().map(|domain| {
        let figures = serde_json::json!({
            "rec": domain.rec, "q": domain.q, "net_collision": domain.net.rate,
            "hsic": domain.hsic.value, "hsic_scale_free": domain.hsic.scale_free,
        });
        (domain.name.clone(), figures)
    });
    let router = report.router.as_ref();
    let values = serde_json::json!({
        "rec": report.rec, "q": report.q, "net_collision": report.net.rate,
        "hsic_variance": report.hsic_variance, "hsic_scale_free_variance": report.hsic_scale_free_variance,
        "domain_expert_nmi": router.and_then(|router| router.domain_nmi),
        "expert_entropy_bits": router.map(|router| router.load_entropy_bits),
        "collapse": report.collapse.reasons,
        "domains": domains.collect::<Map<_, _>>(),
    });
    match values {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
