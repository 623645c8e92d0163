//! `UNITOK_CPU`, which limits the instruction set: the same tokens with every one, and advice where it names none.

use serde_json::Value;

use crate::workspace::{Workspace, stderr};

#[test]
fn every_instruction_set_gives_the_same_tokens() {
    let workspace = Workspace::new();
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/www/samples/garden.npy");
    let tokens = |set: &str| -> (Value, Value) {
        let args = ["tokenize", "--embeddings", sample, "--device", "cpu", "--json", "--out"];
        let output = workspace.command("").args(args).arg(format!("{set}.json")).env("UNITOK_CPU", set).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        (workspace.json(&format!("{set}.json")), summary["engine"]["name"].clone())
    };
    let (portable, name) = tokens("portable");
    assert_eq!(name, "portable");
    for set in ["avx2", "avx512"] {
        let (index, name) = tokens(set);
        eprintln!("{set}: ran on {name}");
        assert_eq!(index, portable, "{set}");
    }
}

#[test]
fn a_name_of_no_instruction_set_is_refused() {
    let output = Workspace::new().command("info model").env("UNITOK_CPU", "sse9").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("UNITOK_CPU=sse9 names no instruction set: choose portable, avx2 or avx512"));
}
