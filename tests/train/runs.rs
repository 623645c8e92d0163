//! Whole runs on synthetic domains: repetition, interruption, collapse, refusals.

use std::path::Path;

use tempfile::tempdir;
use unitok::engine::scale_rows;
use unitok::learn::folder::FolderError;
use unitok::learn::observer::Observer;
use unitok::model::{Model, Precision};
use unitok::train::TrainError;
use unitok::train::data::Domain;
use unitok::train::network::device::Device;
use unitok::train::recipes::unitok::config::TrainConfig;
use unitok::train::recipes::unitok::evaluate::{Evaluation, Health};
use unitok::train::recipes::unitok::run::StepReport;
use unitok::train::recipes::unitok::session::{Data, Ended, Options, train};

pub(super) const WIDTH: usize = 16;

/// Three domains around different centres, each of ten fuzzy clusters.
pub(super) fn domains() -> Vec<Domain> {
    let wave = |a: usize, b: usize| ((a * 7919 + b * 104_729) as f32 * 0.618).sin();
    let row = |k: usize, i: usize| {
        (0..WIDTH).map(move |d| 5.0 * wave(k + 1, d) + wave(100 + 10 * k + i % 10, d) + 0.3 * wave(1000 + i, k * WIDTH + d))
    };
    let rows = |k: usize| scale_rows(&(0..300).flat_map(|i| row(k, i)).collect::<Vec<f32>>(), WIDTH).unwrap();
    (0..3).map(|k| Domain::new(format!("domain-{k}"), rows(k))).collect()
}

pub(super) fn config(extra: &[&str]) -> TrainConfig {
    let sets = [
        "model.hidden=[24]",
        "model.latent=6",
        "model.codes=8",
        "model.levels=2",
        "recipe.items_per_domain=30",
        "recipe.warmup_steps=40",
        "recipe.joint_steps=60",
        "recipe.decoder_steps=10",
        "recipe.reseed_every=10",
        "recipe.checkpoint_every=15",
    ];
    let all: Vec<String> = sets.iter().chain(extra).map(ToString::to_string).collect();
    TrainConfig::from_toml("", &all).unwrap()
}

#[derive(Default)]
pub(super) struct Watch {
    pub(super) stop_at: Option<usize>,
    pub(super) last: Option<StepReport>,
    pub(super) notes: Vec<String>,
}

impl Observer<StepReport, Health> for Watch {
    fn step(&mut self, report: &StepReport, _total: usize) {
        self.last = Some(report.clone());
    }
    fn measured(&mut self, _health: &Health) {}
    fn note(&mut self, text: &str) {
        self.notes.push(text.into());
    }
    fn stop(&self) -> bool {
        self.stop_at.is_some() && self.stop_at == self.last.as_ref().map(|r| r.step)
    }
}

fn run(out: &Path, config: &TrainConfig, resume: bool, watch: &mut Watch) -> Result<Ended, TrainError> {
    let options = Options { out: out.into(), resume, force: false, precision: Precision::F32, command: "test".into() };
    let mut domains = domains();
    let unseen = vec![Domain::new("unseen", domains[0].rows.split_off(200 * WIDTH))];
    let data = Data { domains, unseen, width: WIDTH, ..Data::default() };
    train(config, &data, Device::Cpu, &options, watch)
}

pub(super) fn finish(out: &Path, config: &TrainConfig, resume: bool) -> Evaluation {
    match run(out, config, resume, &mut Watch::default()).unwrap() {
        Ended::Finished(evaluation) => *evaluation,
        Ended::Interrupted(path) => panic!("stopped at {}", path.display()),
    }
}

pub(super) fn bytes(out: &Path, name: &str) -> Vec<u8> {
    std::fs::read(out.join(name)).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
    let (a, b, c) = (tempdir().unwrap(), tempdir().unwrap(), tempdir().unwrap());
    finish(a.path(), &config(&[]), false);
    finish(b.path(), &config(&[]), false);
    finish(c.path(), &config(&["seed=2"]), false);
    for name in ["model.safetensors", "config.json", "metrics.jsonl"] {
        assert_eq!(bytes(a.path(), name), bytes(b.path(), name), "{name}");
    }
    assert_ne!(bytes(a.path(), "model.safetensors"), bytes(c.path(), "model.safetensors"));
}

#[test]
fn an_interrupted_run_ends_equal_to_an_unbroken_one() {
    let (whole, broken) = (tempdir().unwrap(), tempdir().unwrap());
    finish(whole.path(), &config(&[]), false);
    // In the warm-up, in joint training off the checkpoint grid, and in the decoder's phase.
    for stop_at in [20, 77, 104] {
        let mut watch = Watch { stop_at: Some(stop_at), ..Watch::default() };
        let resumed = stop_at > 20;
        let ended = run(broken.path(), &config(&[]), resumed, &mut watch).unwrap();
        assert!(matches!(ended, Ended::Interrupted(_)));
        assert!(!broken.path().join("model.safetensors").exists());
    }
    let kept = std::fs::read_dir(broken.path().join("checkpoints")).unwrap().count();
    assert_eq!(kept, 2, "two checkpoints are kept");
    finish(broken.path(), &config(&[]), true);
    for name in ["model.safetensors", "config.json", "metrics.jsonl"] {
        assert_eq!(bytes(whole.path(), name), bytes(broken.path(), name), "{name}");
    }
    assert!(!broken.path().join("checkpoints").exists());
}

#[test]
fn a_killed_run_resumes_from_the_checkpoint_before_a_damaged_one() {
    let (whole, broken) = (tempdir().unwrap(), tempdir().unwrap());
    finish(whole.path(), &config(&[]), false);
    run(broken.path(), &config(&[]), false, &mut Watch { stop_at: Some(70), ..Watch::default() }).unwrap();
    let folder = broken.path().join("checkpoints");
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    // A full disk leaves half a file; a kill leaves half a line in the log.
    let newest = std::fs::read(&files[1]).unwrap();
    std::fs::write(&files[1], &newest[..newest.len() / 2]).unwrap();
    let log = bytes(broken.path(), "metrics.jsonl");
    std::fs::write(broken.path().join("metrics.jsonl"), &log[..log.len() - 20]).unwrap();
    let mut watch = Watch::default();
    run(broken.path(), &config(&[]), true, &mut watch).unwrap();
    assert!(watch.notes.iter().any(|n| n.contains("damaged checkpoint")), "{:?}", watch.notes);
    for name in ["model.safetensors", "metrics.jsonl"] {
        assert_eq!(bytes(whole.path(), name), bytes(broken.path(), name), "{name}");
    }
}

#[test]
fn other_settings_and_occupied_folders_are_refused() {
    let out = tempdir().unwrap();
    run(out.path(), &config(&[]), false, &mut Watch { stop_at: Some(30), ..Watch::default() }).unwrap();
    let other = run(out.path(), &config(&["recipe.learning_rate=0.5"]), true, &mut Watch::default()).unwrap_err();
    assert!(matches!(other, TrainError::OtherRun(_)), "{other}");
    assert!(other.to_string().contains("learning_rate = 0.5"), "{other}");
    assert!(matches!(run(out.path(), &config(&["seed=9"]), true, &mut Watch::default()), Err(TrainError::OtherRun(_))));
    assert!(matches!(
        run(out.path(), &config(&[]), false, &mut Watch::default()),
        Err(TrainError::Folder(FolderError::Occupied { .. }))
    ));
    finish(out.path(), &config(&[]), true);
    assert!(matches!(
        run(out.path(), &config(&[]), false, &mut Watch::default()),
        Err(TrainError::Folder(FolderError::Occupied { .. }))
    ));
}

#[test]
fn every_variant_trains_to_a_loadable_model() {
    let variants =
        ["variant=unitok-1", "variant=unitok-2", "variant=unitok-3", "model.top_n=2", "model.mix={kind=\"convex\",weight=0.6}"];
    for extra in variants {
        let out = tempdir().unwrap();
        finish(out.path(), &config(&[extra]), false);
        let model = Model::load(out.path()).unwrap();
        model.config.model.validate().unwrap();
        assert!(out.path().join("README.md").exists());
    }
}

#[test]
fn a_collapsed_run_is_said_to_be_collapsed() {
    let healthy = tempdir().unwrap();
    let verdict = finish(
        healthy.path(),
        &config(&["recipe.warmup_steps=300", "recipe.joint_steps=200", "recipe.decoder_steps=100"]),
        false,
    );
    assert!(!verdict.report.collapse.collapsed, "{:?}", verdict.report.collapse);
    let out = tempdir().unwrap();
    // Hardly any training, and a learning rate that does nothing: the latent says nothing about the input.
    let sets = ["recipe.warmup_steps=1", "recipe.joint_steps=1", "recipe.decoder_steps=1", "recipe.learning_rate=1e-9"];
    let verdict = finish(out.path(), &config(&sets), false);
    assert!(
        verdict.report.collapse.reasons.iter().any(|reason| reason.contains("reconstruction")),
        "{:?}",
        verdict.report.collapse
    );
}

#[test]
fn too_few_items_are_named() {
    let out = tempdir().unwrap();
    let error = run(out.path(), &config(&["recipe.items_per_domain=301"]), false, &mut Watch::default()).unwrap_err();
    assert!(error.to_string().contains("domain-0") && error.to_string().contains("301"), "{error}");
}
