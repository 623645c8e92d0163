//! A model folder with experts for new domains.

use std::fmt::Write;

use serde::Serialize;

use super::expert::extend;
use super::tuning::tuned;
use crate::engine::Want;
use crate::engine::cpu::CpuEngine;
use crate::learn::folder::{Claim, RunFolder};
use crate::model::{Model, Precision};
use crate::train::TrainError;
use crate::train::data::Domain;
use crate::train::recipes::unitok::check::{check_names, check_varied};
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::evaluate::{ZeroShot, zero_shot};
use crate::train::recipes::unitok::finished::{Finish, WEIGHTS};
use crate::train::recipes::unitok::session::{Data, FILES, Options, Watcher};

/// What an expert of its own did for a domain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Extension {
    /// Measured with the model as it was, which never saw the domain.
    pub zero_shot: ZeroShot,
    /// The same with the new expert.
    pub extended: ZeroShot,
    /// Share of the domain's items that go to it.
    pub routed: f64,
    /// Items of the other domains that were given. Each of them has the codes and experts that it had.
    pub kept_items: usize,
}

/// Adds an expert for every domain of `data` that `model` was not trained on, and writes the model folder. All domains that it
/// was trained on are to be given too: their items keep their tokens. `config` is that of the model's own run.
///
/// # Errors
/// There is nothing to add; a domain of the model is missing; the model has no experts; the folder is not free.
pub fn extend_folder(
    model: &Model,
    config: &TrainConfig,
    data: &Data,
    options: &Options,
    watcher: &mut Watcher<'_>,
) -> Result<Vec<Extension>, TrainError> {
    check_names(data.domains.iter().chain(&data.unseen))?;
    let is_known = |domain: &&Domain| model.config.domains.contains(&domain.name);
    let (mut kept, new): (Vec<&Domain>, Vec<&Domain>) = data.domains.iter().partition(is_known);
    check(model, &kept, &new)?;
    data.domains.iter().try_for_each(|domain| check_varied(domain, data.width))?;
    let folder = RunFolder::claim(&options.out, &FILES[2..], Claim { resume: false, force: options.force })?;
    let mut extended = model.clone();
    for &domain in &new {
        extended = extend(&extended, domain, &kept, &config.recipe, config.seed)?;
        kept.push(domain);
    }
    kept.truncate(kept.len() - new.len());
    let state = tuned(extended, model.config.model.experts, config, data, watcher)?;
    let finish = Finish {
        config,
        domains: &data.domains,
        unseen: &data.unseen,
        left_out: &data.left_out,
        precision: lossless(model, options.precision),
        command: &options.command,
    };
    let mut finished = finish.of(&state)?;
    let [card, metrics, config_json, weights] = &mut finished.files;
    let read_back = Model::from_bytes(&String::from_utf8_lossy(&config_json.1), &weights.1)?;
    for domain in &kept {
        check_unmoved(model, &read_back, domain)?;
    }
    let kept_items = kept.iter().map(|domain| domain.items(data.width)).sum();
    let extensions = new.iter().enumerate().map(|(place, domain)| {
        let extended = zero_shot(&read_back, domain)?;
        let routed = extended.load[model.config.model.experts + place];
        Ok(Extension { zero_shot: zero_shot(model, domain)?, extended, routed, kept_items })
    });
    let extensions = extensions.collect::<Result<Vec<_>, TrainError>>()?;
    let mut measured: serde_json::Value = serde_json::from_slice(&metrics.1).expect("it was just written");
    measured["extensions"] = serde_json::to_value(&extensions).expect("an extension has only plain fields");
    metrics.1 = serde_json::to_vec_pretty(&measured).expect("an evaluation has only plain fields");
    card.1.extend(described(&extensions).bytes());
    folder.write("train.toml", config.to_toml().as_bytes())?;
    folder.remove(WEIGHTS)?;
    for (name, bytes) in &finished.files {
        folder.write(name, bytes)?;
    }
    Ok(extensions)
}

/// Lines for a card or a terminal.
pub fn described(extensions: &[Extension]) -> String {
    let mut text = String::new();
    for e in extensions {
        let (before, after) = (&e.zero_shot.domain, &e.extended.domain);
        let _ = write!(
            text,
            "\nAn expert for {}: {:.1} % of its {} items go to it; net collisions {:.2} % → {:.2} %, rec {:.3} → {:.3}, q {:.3} → {:.3}.\n\
             All {} items of the domains before it have the codes and experts that they had.\n",
            after.name,
            100.0 * e.routed,
            after.items,
            100.0 * before.net.rate,
            100.0 * after.net.rate,
            before.rec,
            after.rec,
            before.q,
            after.q,
            e.kept_items
        );
    }
    text
}

fn check(model: &Model, kept: &[&Domain], new: &[&Domain]) -> Result<(), TrainError> {
    let refused = |domain: &str, what: String| Err(TrainError::Data { domain: domain.into(), what });
    let is_missing = |name: &&String| kept.iter().all(|domain| domain.name != **name);
    let missing: Vec<&str> = model.config.domains.iter().filter(is_missing).map(String::as_str).collect();
    match (kept, new) {
        ([first, ..], []) => {
            refused(&first.name, "the model was trained on it: give a new domain too, under a name of its own".into())
        }
        // The new expert would take items of a domain that it does not know of.
        (_, [first, ..]) if !missing.is_empty() || kept.is_empty() => refused(
            &first.name,
            format!(
                "the tokens of every domain that the model was trained on are to stay, so give their embeddings too, as \
                 --domain NAME=FILE. Missing: {}",
                missing.join(", ")
            ),
        ),
        (_, [first, ..]) if model.config.cooccurrence.is_some() => refused(
            &first.name,
            "the model to extend reads what users did too, and only one that reads texts alone can be".into(),
        ),
        _ => Ok(()),
    }
}

/// The number format that was asked for, unless old weights would be rounded by it.
fn lossless(model: &Model, asked: Precision) -> Precision {
    let exact = |value: &f32| half::f16::from_f32(*value).to_f32() == *value;
    let layers = model.encoder.iter().chain(&model.decoder).chain(&model.router);
    let values = layers.flat_map(|layer| layer.weight.iter().chain(&layer.bias)).chain(&model.codebooks);
    if values.into_iter().all(exact) { asked } else { Precision::F32 }
}

/// Makes sure that a domain's items have the codes and experts that they had.
fn check_unmoved(before: &Model, after: &Model, domain: &Domain) -> Result<(), TrainError> {
    let run = |model: &Model| CpuEngine::new(model).run_scaled(&domain.rows, Want::default());
    let (old, new) = (run(before)?, run(after)?);
    if old.experts == new.experts && old.codes == new.codes {
        return Ok(());
    }
    let what = "some of its items would move to the new expert: leave out what is not a number of ordinary size".into();
    Err(TrainError::Data { domain: domain.name.clone(), what })
}
