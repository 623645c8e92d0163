//! The program as someone uses it who has read `--help` alone: first steps, and what to do after a mistake.
#![cfg(feature = "train")]

mod advice;
mod first_use;
#[path = "../common/model.rs"]
mod tiny;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use unitok::model::Precision;
use unitok::vectors::{Element, Saver};

/// Width of the tiny text model's vectors, and of the tokenizer's input.
const WIDTH: usize = 8;

/// A folder with a tiny model in `model`, in which the program runs.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let model = tiny::model(WIDTH);
        folder.write("model/config.json", model.config.to_json());
        folder.write("model/model.safetensors", model.to_safetensors(Precision::F32));
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Distinct vectors, with ids that begin with `prefix`.
    fn vectors(&self, name: &str, prefix: &str, rows: std::ops::Range<usize>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut saver = Saver::create(&path, WIDTH, Element::F32, None).unwrap();
        for item in rows {
            let row: Vec<f32> = (0..WIDTH).map(|d| ((item * 31 + d * d * 17) % 97) as f32 - 48.5).collect();
            saver.push(&format!("{prefix}{item}"), &row).unwrap();
        }
        saver.finish().unwrap();
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unitok"));
        let text_model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/text/tiny");
        command.current_dir(self.0.path()).args(arguments.split_whitespace()).env("UNITOK_TEXT_MODEL", text_model);
        command
    }

    fn run(&self, arguments: &str) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs, expects success, and reads stdout.
    fn succeed(&self, arguments: &str) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "unitok {arguments}\n{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
