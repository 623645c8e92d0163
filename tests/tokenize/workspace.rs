//! A folder for the tests, and the program run in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use unitok::model::{Model, Precision};
use unitok::vectors::{Element, Saver};

use super::tiny;

/// Width of the tiny model's input.
pub const WIDTH: usize = 8;

/// A temporary folder with models and inputs, in which the program runs.
pub struct Workspace(tempfile::TempDir);

impl Workspace {
    /// A workspace with the folder `model`, which has a tiny model of width [`WIDTH`].
    pub fn new() -> Self {
        let workspace = Self(tempfile::tempdir().unwrap());
        workspace.model("model", &tiny::model(WIDTH));
        workspace
    }

    /// Path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Writes a model into a folder of its own.
    pub fn model(&self, name: &str, model: &Model) {
        std::fs::create_dir(self.path(name)).unwrap();
        self.write(&format!("{name}/config.json"), model.config.to_json());
        self.write(&format!("{name}/model.safetensors"), model.to_safetensors(Precision::F32));
    }

    /// Writes embeddings, with the ids `item 0`, `item 1`, ….
    pub fn vectors(&self, name: &str, rows: &[Vec<f32>]) {
        let mut saver = Saver::create(&self.path(name), WIDTH, Element::F32, None).unwrap();
        rows.iter().enumerate().for_each(|(i, row)| saver.push(&format!("item {i}"), row).unwrap());
        saver.finish().unwrap();
    }

    /// Runs the program with `args`, which are separated by spaces.
    pub fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// The command that [`run`](Self::run) runs, with the tiny text model of the tests.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unitok"));
        command.current_dir(self.0.path()).args(args.split_whitespace()).env("UNITOK_TEXT_MODEL", text_model());
        command
    }

    /// Runs, expects success, and reads the summary.
    pub fn summary(&self, args: &str) -> Value {
        let output = self.run(&format!("{args} --json"));
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("one JSON object alone on stdout")
    }

    /// Runs, expects an error, and reads the message.
    pub fn error(&self, args: &str) -> String {
        let output = self.run(args);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{}", stderr(&output));
        stderr(&output)
    }

    /// Reads a JSON file.
    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Number of files in the folder.
    pub fn file_count(&self) -> usize {
        std::fs::read_dir(self.0.path()).unwrap().count()
    }
}

/// Folder of the tiny text model.
pub fn text_model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/text/tiny")
}

/// What a program printed on stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
