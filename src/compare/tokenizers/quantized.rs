//! Tokenizers that quantize an encoder's latents: UniTok, its ablations, and those of other papers, by the recipes of
//! `unitok train`.

use std::path::Path;

use serde_json::{Map, Value};

use super::collaborative::describe;
use super::{Made, Reads, Task, Tokenizer};
use crate::audit::Grouping;
use crate::compare::catalogue::Catalogue;
use crate::compare::error::CompareError;
use crate::compare::preset::Preset;
use crate::compare::vectors::Vectors;
use crate::compare::watch::OfTokenizer;
use crate::engine::cpu::CpuEngine;
use crate::engine::{Want, scale_rows};
use crate::model::{Cooccurrence, Model, Precision};
use crate::tokens::{CodeVocabulary, Codewords, Index, Layout, Schema, resolve};
use crate::train::TrainError;
use crate::train::data::{Collaborative, Domain};
use crate::train::network::device::Device;
use crate::train::recipes::tokenizer::policy;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::evaluate::Evaluation;
use crate::train::recipes::unitok::options::{HistoryOptions, RecipeName, Role, Variant};
use crate::train::recipes::unitok::session::{Data, Ended, Options, train};
use crate::vectors::cooccurrence::enrich;

/// A recipe of `unitok train`.
#[derive(Debug, Clone, Copy)]
pub struct Quantized {
    /// Its name.
    pub name: &'static str,
    /// The recipe.
    pub recipe: RecipeName,
    /// Settings other than the recipe's, as `key=value`.
    pub settings: &'static [&'static str],
    /// Which parts of UniTok's method are on.
    pub variant: Variant,
    /// What gives items vectors by what users did with them, for recipes that align latents with such vectors.
    pub collaborative: Option<CollaborativeVectors>,
    /// What histories are for; none where texts are all there is.
    pub histories: Option<Role>,
}

/// Vectors `[items][width]` of a catalogue's items by what users did in training, zeros for items without any; none where the
/// task's watcher asked to stop.
pub type CollaborativeVectors = fn(&Catalogue, usize, &mut Task<'_>) -> Result<Option<Vec<f32>>, CompareError>;

impl Tokenizer for Quantized {
    fn name(&self) -> &'static str {
        self.name
    }

    fn reads(&self) -> Reads {
        Reads {
            vectors: true,
            sequences: self.collaborative.is_some() || self.histories.is_some(),
            histories: self.histories == Some(Role::Input),
            ..Reads::default()
        }
    }

    fn settings(&self, preset: &Preset, changes: &[String]) -> Result<String, CompareError> {
        let policy = policy(self.recipe);
        let config = self.config(preset, changes)?;
        self.check(&config, preset, changes)?;
        let config = config.to_toml();
        let vectors = self.collaborative.map_or("none".into(), |_| describe(preset));
        Ok(format!("{config}tokens = \"expert-last, {policy}\"\ncollaborative = \"{vectors}\"\n"))
    }

    fn steps(&self, preset: &Preset) -> f64 {
        let recipe = self.config(preset, &[]).map(|config| config.recipe).unwrap_or_default();
        let steps = recipe.warmup_steps + recipe.joint_steps + recipe.decoder_steps;
        (steps * recipe.items_per_domain) as f64
    }

    fn make(&self, task: &mut Task<'_>) -> Result<Option<Made>, CompareError> {
        let mut config = self.config(task.preset, task.changes)?;
        config.seed = task.seed;
        let Some(data) = self.data(&config, task)? else { return Ok(None) };
        let items = data.domains.iter().map(|domain| domain.items(data.width));
        let most = if config.recipe.pooled { items.sum::<usize>() / data.domains.len() } else { items.min().unwrap_or(0) };
        config.recipe.items_per_domain = config.recipe.items_per_domain.min(most);
        let Some(evaluation) = self.train(&config, &data, task)? else { return Ok(None) };
        let model = Model::load(task.folder);
        let model = model.map_err(|source| CompareError::Train { tokenizer: self.name, source: Box::new(source.into()) })?;
        let mut measured = measured(&evaluation);
        measured.extend(entropies(&model, &data)?);
        measured.insert("history".into(), history(task.folder));
        let indexes = task.targets.iter().map(|target| self.tokens(&model, target)).collect::<Result<_, _>>()?;
        Ok(Some(Made { indexes, parameters: model.config.model.parameters().total(), measured }))
    }
}

impl Quantized {
    /// Refuses changes that make no model, or change nothing because the value is the system's own or not its to set.
    fn check(&self, config: &TrainConfig, preset: &Preset, changes: &[String]) -> Result<(), CompareError> {
        let wrong = |what: &str| CompareError::Change { tokenizer: self.name, change: changes.join(" "), what: what.into() };
        config.architecture(1, 2).validate().map_err(|error| wrong(&error.to_string()))?;
        let fixed = ["seed", "recipe.name"];
        if changes.iter().any(|change| fixed.iter().any(|key| change.starts_with(&format!("{key}=")))) {
            return Err(wrong("seeds and recipes are those of the comparison and its systems"));
        }
        if !changes.is_empty() && *config == self.config(preset, &[])? {
            return Err(wrong("it changes nothing: the value is what this system has anyway"));
        }
        Ok(())
    }

    fn config(&self, preset: &Preset, changes: &[String]) -> Result<TrainConfig, CompareError> {
        let name = format!("recipe.name={}", serde_json::to_string(&self.recipe).expect("a name is a string"));
        let mut all = vec![name];
        all.extend(self.settings.iter().map(ToString::to_string));
        // What the preset says of UniTok is about its recipe alone; what it says of all tokenizers is for all.
        all.extend(preset.tokenizers.iter().cloned());
        if self.recipe == RecipeName::UniTok {
            all.extend(preset.unitok.iter().cloned());
        }
        all.extend_from_slice(changes);
        let config = TrainConfig::from_toml("", &all)?;
        let variant = if self.recipe == RecipeName::UniTok { self.variant } else { config.variant };
        let role = self.histories.unwrap_or(config.histories.role);
        let histories = HistoryOptions { role, ..config.histories };
        Ok(TrainConfig { variant, histories, ..config })
    }

    /// Training rows by domain: those of items without a text would only repeat each other.
    fn data(&self, config: &TrainConfig, task: &mut Task<'_>) -> Result<Option<Data>, CompareError> {
        let catalogues = task.training.clone();
        let domain = |catalogue: &&Catalogue| {
            let (texts, mixed) = (catalogue.vectors.own_rows(), self.mixed(&config.histories.mixing, catalogue));
            let mixed = mixed.map(|rows| catalogue.vectors.own_of(&rows));
            match (self.histories, mixed) {
                (Some(Role::Input), Some(mixed)) => Domain::new(catalogue.name.clone(), mixed),
                (_, targets) => Domain { targets, ..Domain::new(catalogue.name.clone(), texts) },
            }
        };
        let mut collaborative = None;
        if let Some(vectors) = self.collaborative {
            let width = config.model.latent;
            let mut rows = Vec::new();
            for catalogue in &catalogues {
                let Some(all) = vectors(catalogue, width, task)? else { return Ok(None) };
                let own = all.chunks_exact(width).zip(&catalogue.vectors.own).filter(|(_, own)| **own);
                rows.push(own.flat_map(|(row, _)| row.iter().copied()).collect());
            }
            collaborative = Some(Collaborative::new(width, rows));
        }
        let first = &catalogues[0].vectors;
        Ok(Some(Data {
            domains: catalogues.iter().map(domain).collect(),
            width: first.width,
            text: first.text.clone(),
            collaborative,
            cooccurrence: (self.histories == Some(Role::Input)).then_some(config.histories.mixing),
            ..Data::default()
        }))
    }

    /// Scaled vectors `[items][width]` of texts and histories, for a recipe that uses histories.
    fn mixed(&self, how: &Cooccurrence, catalogue: &Catalogue) -> Option<Vec<f32>> {
        let Vectors { rows, width, .. } = &catalogue.vectors;
        self.histories.map(|_| {
            let mixed = enrich(rows, *width, catalogue.sequences.histories(), how).rows;
            scale_rows(&mixed, *width).expect("vectors of norm 1 can be scaled")
        })
    }

    /// Trains in the task's folder; goes on with what an earlier session left there, unless that was something else.
    fn train(&self, config: &TrainConfig, data: &Data, task: &mut Task<'_>) -> Result<Option<Evaluation>, CompareError> {
        let mut run = |resume| {
            let command = format!("unitok compare ({})", self.name);
            let options = Options { out: task.folder.into(), resume, force: true, precision: Precision::F32, command };
            train(config, data, Device::Cpu, &options, &mut OfTokenizer(task.watcher))
        };
        let unfinished = task.folder.join("checkpoints").is_dir();
        let ended = match run(unfinished) {
            Err(TrainError::OtherRun(_) | TrainError::Folder(_)) => run(false),
            ended => ended,
        };
        match ended.map_err(|source| CompareError::Train { tokenizer: self.name, source: Box::new(source) })? {
            Ended::Finished(evaluation) => Ok(Some(*evaluation)),
            Ended::Interrupted(_) => Ok(None),
        }
    }

    /// The tokens of a catalogue's items; collisions are resolved as the recipe's paper does it.
    fn tokens(&self, model: &Model, catalogue: &Catalogue) -> Result<Index, CompareError> {
        let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared)?;
        let mixed = model.config.cooccurrence.and_then(|how| self.mixed(&how, catalogue));
        let rows = mixed.as_ref().unwrap_or(&catalogue.vectors.rows);
        let mut batch = CpuEngine::new(model).run(rows, Want { latents: true, ..Want::default() })?;
        let (codewords, _) = resolve(model, &mut batch, &schema, policy(self.recipe))?;
        let rows = catalogue.ids.iter().enumerate().map(|(item, id)| (id.clone(), codewords.tokens(item)));
        Ok(Index::from_rows(rows)?)
    }
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

/// Entropies of the codewords of all training items, before collisions are resolved, in bits.
fn entropies(model: &Model, data: &Data) -> Result<Map<String, Value>, CompareError> {
    let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared)?;
    let mut codewords = Codewords::default();
    for domain in &data.domains {
        codewords.append(schema.codewords(&CpuEngine::new(model).run(&domain.rows, Want::default())?));
    }
    let items = codewords.items();
    let grouping = Grouping::new((0..items).map(|item| codewords.row(item)));
    let capacity: f64 = codewords.sizes.iter().map(|&size| (size as f64).log2()).sum();
    let mut map = Map::new();
    map.insert("codeword_entropy_bits".into(), grouping.entropy_bits().into());
    map.insert("items_bits".into(), (items as f64).log2().into());
    map.insert("capacity_bits".into(), capacity.into());
    Ok(map)
}

/// Every look at the model in training: the step, and the unexplained shares of latent and input.
fn history(folder: &Path) -> Value {
    let log = std::fs::read_to_string(folder.join("metrics.jsonl")).unwrap_or_default();
    let looks = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).filter(|line| line["event"] == "epoch");
    looks.map(|look| serde_json::json!([look["step"], look["q"], look["rec"]])).collect()
}
