//! Two tiny catalogues whose users go on to items of the same kind, and a preset that takes seconds.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use unitok::compare::catalogue::Catalogue;
use unitok::compare::plan::Scope;
use unitok::compare::preset::{Preset, Sweep};
use unitok::compare::systems::System;
use unitok::compare::vectors::Vectors;
use unitok::compare::watch::Watcher;
use unitok::recommend::kind::{Kind, Size};
use unitok::vectors::{Element, Saver};

/// Items of a catalogue.
pub const ITEMS: usize = 36;

/// Writes a catalogue's folder; users of different catalogues differ.
pub fn write_catalogue(parent: &Path, name: &str, salt: usize) -> PathBuf {
    let folder = parent.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let mut items = String::new();
    for item in 0..ITEMS {
        let kind = item % 4;
        let _ = writeln!(
            items,
            r#"{{"id": "{name}-{item}", "title": "thing {item} of kind {kind}", "categories": [["{name}", "kind {kind}"]]}}"#
        );
    }
    std::fs::write(folder.join("items.jsonl"), items).unwrap();
    let mut sequences = String::new();
    for user in 0..24 {
        let kind = user % 4;
        let of_user: Vec<String> =
            (0..7).map(|at| format!("{name}-{}", kind + 4 * ((user + salt + at * (1 + user % 2)) % 9))).collect();
        let _ = writeln!(sequences, "{user} {}", of_user.join(" "));
    }
    std::fs::write(folder.join("sequences.txt"), sequences).unwrap();
    write_vectors(parent, name, salt);
    folder
}

/// Vectors around one centre a kind, as `vectors/NAME.safetensors`; the last item has none.
fn write_vectors(parent: &Path, name: &str, salt: usize) {
    let folder = parent.join("vectors");
    std::fs::create_dir_all(&folder).unwrap();
    let mut saver = Saver::create(&folder.join(format!("{name}.safetensors")), 12, Element::F32, None).unwrap();
    for item in 0..ITEMS - 1 {
        let value =
            |at: usize| ((item % 4 * 5 + at * 3 + salt * 7) as f32).sin() + 0.3 * ((item * 11 + at * 5 + salt) as f32).cos();
        saver.push(&format!("{name}-{item}"), &(0..12).map(value).collect::<Vec<_>>()).unwrap();
    }
    saver.finish().unwrap();
}

/// The catalogues `office` and `shop`, with their vectors.
pub fn catalogues(parent: &Path) -> Vec<Catalogue> {
    let open = |(salt, name): (usize, &&str)| {
        let mut catalogue = Catalogue::open(&write_catalogue(parent, name, salt)).unwrap();
        let path = parent.join("vectors").join(format!("{name}.safetensors"));
        catalogue.vectors = Vectors::read(name, &catalogue.items, &path).unwrap();
        catalogue
    };
    ["office", "shop"].iter().enumerate().map(open).collect()
}

/// A preset of a few steps.
pub fn preset() -> Preset {
    let tokenizers = [
        "recipe.warmup_steps=4",
        "recipe.joint_steps=6",
        "model.codes=8",
        "model.latent=6",
        "model.hidden=[16]",
        "model.levels=2",
    ];
    Preset {
        name: "test".into(),
        size: Size::Reduced,
        epochs: Some(1),
        seeds: vec![1],
        tokenizers: tokenizers.map(String::from).into(),
        unitok: vec!["recipe.decoder_steps=2".into()],
        sweeps: vec![Sweep {
            system: "unitok".into(),
            key: "model.levels".into(),
            label: "levels L".into(),
            values: vec!["2".into(), "3".into()],
            usual: "2".into(),
        }],
    }
}

/// Systems by name over both catalogues, the second zero-shot too.
pub fn scope(systems: &[&str]) -> Scope {
    let systems = systems.iter().map(|name| System::named(name).unwrap()).collect();
    Scope { preset: preset(), systems, recommender: Kind::Dec, scored: 2, zero_shot: vec![1] }
}

/// Remembers what it was told, and stops after so many runs.
#[derive(Default)]
pub struct Told {
    /// What was begun.
    pub started: Vec<String>,
    /// What was worth a line.
    pub notes: Vec<String>,
    /// Runs that ended.
    pub finished: usize,
    /// Runs after which to stop.
    pub stop_after: Option<usize>,
    /// Reports of progress after which to stop, in the middle of a run.
    pub stop_in: Option<usize>,
    /// Reports of progress so far.
    pub progress: usize,
}

impl Watcher for Told {
    fn started(&mut self, what: &str) {
        self.started.push(what.into());
    }
    fn progress(&mut self, share: f64, _: &str) {
        assert!((0.0..=1.0).contains(&share), "{share}");
        self.progress += 1;
    }
    fn finished(&mut self, left: f64) {
        assert!(left >= 0.0);
        self.finished += 1;
    }
    fn note(&mut self, text: &str) {
        self.notes.push(text.into());
    }
    fn stop(&self) -> bool {
        self.stop_after.is_some_and(|runs| self.finished >= runs) || self.stop_in.is_some_and(|reports| self.progress >= reports)
    }
}
