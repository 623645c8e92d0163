//! The program `unitok embed` with the tiny model.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use unitok::text::TextEncoder;
use unitok::vectors::{ReadOptions, open};

use super::here;

/// A folder that the program runs in.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// A catalogue of `count` items with short distinct titles.
    fn catalogue(&self, name: &str, count: usize) {
        let lines: Vec<String> = (0..count).map(|i| format!(r#"{{"id": {i}, "title": "green tea {i}"}}"#)).collect();
        self.write(name, &lines.join("\n"));
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_unitok"));
        command.current_dir(self.0.path()).arg("embed").args(args);
        command.env_remove("UNITOK_TEXT_MODEL").arg("--text-model").arg(here("tiny"));
        command
    }

    fn embed(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Ids and values of an embedding file.
    fn vectors(&self, name: &str) -> (Vec<String>, Vec<f32>) {
        read(&self.path(name))
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.0.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

fn read(path: &Path) -> (Vec<String>, Vec<f32>) {
    let mut reader = open(path, ReadOptions::default()).unwrap();
    let all = reader.read_all().unwrap();
    (all.rows.iter().map(|&row| reader.id(row)).collect(), all.values)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn both_formats_hold_ids_and_the_vectors_of_the_library() {
    let folder = Folder::new();
    folder.write("a.csv", "id,title,brand\nx1,Green tea,Acme\nx2,,\nx3,\"Cast iron, raw\",\n");
    for out in ["v.npy", "v.safetensors"] {
        let output = folder.embed(&["--items", "a.csv", "--out", out, "--json"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&summary["rows"], &summary["read"]["without_text"]), (&2.into(), &1.into()));
        let (ids, values) = folder.vectors(out);
        assert_eq!(ids, ["x1", "x3"]);
        assert_eq!(values, TextEncoder::load(&here("tiny")).unwrap().embed(&["Green tea. Acme", "Cast iron, raw"]));
    }
    assert_eq!(folder.files(), ["a.csv", "v.npy", "v.npy.ids.txt", "v.safetensors"], "nothing is left over");
    let placeholder = folder.embed(&["--items", "a.csv", "--out", "p.npy", "--no-text", "placeholder", "--half"]);
    assert!(placeholder.status.success());
    assert_eq!(folder.vectors("p.npy").0, ["x1", "x2", "x3"]);
    let stop = folder.embed(&["--items", "a.csv", "--out", "s.npy", "--no-text", "stop"]);
    assert_eq!(stop.status.code(), Some(2));
    assert!(stderr(&stop).contains("x2"), "{}", stderr(&stop));
}

#[test]
fn a_killed_run_resumes_to_the_same_bytes() {
    let folder = Folder::new();
    folder.catalogue("a.jsonl", 30_000);
    let whole = folder.embed(&["--items", "a.jsonl", "--out", "whole.safetensors"]);
    assert!(whole.status.success(), "{}", stderr(&whole));
    let mut child = folder.command(&["--items", "a.jsonl", "--out", "cut.safetensors"]).spawn().unwrap();
    let journal = folder.path("cut.safetensors.partial.json");
    // Killed as soon as the journal has rows.
    while !std::fs::read_to_string(&journal).is_ok_and(|j| !j.contains("\"rows\": 0")) {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it could be killed");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.path("cut.safetensors").exists(), "no output before the end");

    let neither = folder.embed(&["--items", "a.jsonl", "--out", "cut.safetensors"]);
    assert_eq!(neither.status.code(), Some(2));
    assert!(stderr(&neither).contains("--resume") && stderr(&neither).contains("--force"), "{}", stderr(&neither));

    let resumed = folder.embed(&["--items", "a.jsonl", "--out", "cut.safetensors", "--resume"]);
    assert!(resumed.status.success(), "{}", stderr(&resumed));
    assert_eq!(folder.bytes("cut.safetensors"), folder.bytes("whole.safetensors"));
    assert_eq!(folder.files(), ["a.jsonl", "cut.safetensors", "whole.safetensors"]);
}

/// Leaves an interrupted run beside `out`, which stopped at a line that is not JSON.
fn interrupt(folder: &Folder, out: &str) {
    folder.catalogue("a.jsonl", 2000);
    let lines = std::fs::read_to_string(folder.path("a.jsonl")).unwrap();
    folder.write("a.jsonl", &format!("{lines}\nthis is not JSON\n"));
    let output = folder.embed(&["--items", "a.jsonl", "--out", out]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("line 2001"), "{}", stderr(&output));
}

#[test]
fn a_partial_of_another_input_is_refused() {
    let folder = Folder::new();
    interrupt(&folder, "v.npy");
    let skip = folder.embed(&["--items", "a.jsonl", "--out", "v.npy", "--resume", "--skip-bad"]);
    assert_eq!(skip.status.code(), Some(2));
    assert!(stderr(&skip).contains("an option for reading items"), "{}", stderr(&skip));
    folder.catalogue("a.jsonl", 2000);
    let before = folder.bytes("v.npy.partial");
    let changed = folder.embed(&["--items", "a.jsonl", "--out", "v.npy", "--resume"]);
    assert_eq!(changed.status.code(), Some(2));
    assert!(stderr(&changed).contains("the content of a.jsonl has changed"), "{}", stderr(&changed));
    assert_eq!(folder.bytes("v.npy.partial"), before, "a refusal touches nothing");
    // On the CPU, because a graphics driver may write to stderr.
    let forced = folder.embed(&["--items", "a.jsonl", "--out", "v.npy", "--force", "--quiet", "--device", "cpu"]);
    assert!(forced.status.success() && forced.stderr.is_empty(), "{}", stderr(&forced));
    assert_eq!(folder.vectors("v.npy").0.len(), 2000);
}

#[test]
fn a_damaged_partial_is_not_trusted() {
    let folder = Folder::new();
    interrupt(&folder, "v.npy");
    folder.write("v.npy.partial", "short");
    let output = folder.embed(&["--items", "a.jsonl", "--out", "v.npy", "--resume"]);
    assert!(stderr(&output).contains("v.npy.partial has 5 bytes"), "{}", stderr(&output));
    folder.write("v.npy.partial.json", "{\"rows\": ");
    let output = folder.embed(&["--items", "a.jsonl", "--out", "v.npy", "--resume"]);
    assert!(stderr(&output).contains("not the journal"), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_says_how_to_continue() {
    let folder = Folder::new();
    folder.catalogue("a.jsonl", 100_000);
    let args = ["--items", "a.jsonl", "--out", "v.npy"];
    let child = folder.command(&args).stderr(std::process::Stdio::piped()).spawn().unwrap();
    while !folder.path("v.npy.partial.json").exists() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // With the first saved row, the handler of the signal is installed.
    while !std::fs::read_to_string(folder.path("v.npy.partial.json")).is_ok_and(|j| !j.contains("\"rows\": 0")) {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("continue with --resume"), "{}", stderr(&output));
}

#[test]
fn the_device_is_reported_and_an_interrupted_run_stays_on_it() {
    let folder = Folder::new();
    folder.catalogue("a.jsonl", 40);
    let kind = |args: &[&str]| {
        let output = folder.embed(&[&["--items", "a.jsonl", "--json", "--out"], args].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        summary["engine"]["kind"].as_str().unwrap().to_owned()
    };
    assert_eq!(kind(&["cpu.npy", "--device", "cpu"]), "cpu");
    interrupt(&folder, "v.npy");
    let journal = folder.path("v.npy.partial.json");
    let on_gpu = std::fs::read_to_string(&journal).unwrap().replace("\"cpu\"", "\"gpu\"");
    std::fs::write(&journal, on_gpu).unwrap();
    let other = folder.embed(&["--items", "a.jsonl", "--out", "v.npy", "--resume", "--device", "cpu"]);
    assert!(stderr(&other).contains("the device (see --device) has changed"), "{}", stderr(&other));
    folder.catalogue("a.jsonl", 40);
    if !super::gpu::is_available() {
        return;
    }
    assert_eq!(kind(&["gpu.npy", "--device", "gpu"]), "gpu");
    let (cpu, gpu) = (folder.vectors("cpu.npy"), folder.vectors("gpu.npy"));
    assert_eq!(cpu.0, gpu.0);
    assert!(cpu.1.iter().zip(&gpu.1).all(|(c, g)| (c - g).abs() < 1e-5), "vectors of the two devices");
}

#[test]
fn wrong_arguments_are_reported_before_any_work() {
    let folder = Folder::new();
    folder.catalogue("a.jsonl", 3);
    let output = folder.embed(&["--items", "a.jsonl", "--out", "v.txt"]);
    assert!(stderr(&output).contains(".npy, .safetensors or .parquet"), "{}", stderr(&output));
    let output = folder.embed(&["--items", "a.jsonl", "missing.csv", "--out", "v.npy"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("missing.csv"), "{}", stderr(&output));
    let mut command = Command::new(env!("CARGO_BIN_EXE_unitok"));
    command.current_dir(folder.0.path()).args(["embed", "--items", "a.jsonl", "--out", "v.npy"]);
    let output = command.env("UNITOK_TEXT_MODEL", "nowhere").output().unwrap();
    assert!(stderr(&output).contains("cargo xtask text-model"), "{}", stderr(&output));
    assert_eq!(folder.files(), ["a.jsonl"]);
}

#[test]
fn items_without_any_text_are_an_error() {
    let folder = Folder::new();
    folder.write("a.jsonl", "{\"id\": 1}\n{\"id\": 2, \"title\": \"\"}\n");
    let output = folder.embed(&["--items", "a.jsonl", "--out", "v.npy"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no item has any text"), "{}", stderr(&output));
}
