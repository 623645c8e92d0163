//! `unitok audit` on quality without training: names in its JSON, what it prints, files that do not fit.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder with an index of 4 items, sequences of theirs, and vectors of three of them.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("index.json"), r#"{"1": ["a0", "b0"], "2": ["a0", "b1"], "3": ["a1", "b0"], "4": ["a1", "b1"]}"#)
        .unwrap();
    fs::write(path.join("sequences.txt"), "u 1 2 3 4 1\nv 3 4 3 2 1\nw 1 2 1 9 4\n").unwrap();
    vectors(&path.join("three.npy"), &[[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]], "1\n2\n3\n");
    vectors(&path.join("other.npy"), &[[1.0, 0.0]], "x\n");
    folder
}

fn vectors(path: &Path, rows: &[[f32; 2]], ids: &str) {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 2), }}", rows.len());
    let header = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(rows.iter().flatten().flat_map(|value| value.to_le_bytes()));
    fs::write(path, bytes).unwrap();
    fs::write(format!("{}.ids.txt", path.display()), ids).unwrap();
}

fn audit(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unitok"));
    command.args(["audit", "index.json"]).args(args).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn json_has_the_documented_names_and_only_what_was_measured() {
    let folder = folder();
    let names = |args: &[&str]| -> Vec<String> {
        let report: Value = serde_json::from_slice(&audit(folder.path(), &[args, &["--json"]].concat()).stdout).unwrap();
        report["quality"].as_object().unwrap().keys().cloned().collect()
    };
    let sequences = [
        "lift",
        "lift_shared",
        "lift_by_chance",
        "nats_per_item",
        "nats_standard_error",
        "nats_validation",
        "nats_without_history",
        "nats_uniform",
        "nats_by_position",
        "nats_pairs",
        "nats_unknown",
    ];
    let vectors = ["neighbour_recall", "neighbour_recall_by_chance", "neighbour_sample"];
    assert_eq!(names(&[]), ["gini"]);
    assert_eq!(names(&["--embeddings", "three.npy"]), [&["gini"], &vectors[..]].concat());
    let all = names(&["--sequences", "sequences.txt", "--embeddings", "three.npy"]);
    assert_eq!(all, [&["gini"], &sequences[..], &vectors[..]].concat());
}

#[test]
fn tables_say_which_way_is_better_and_notes_what_is_missing() {
    let folder = folder();
    let output = audit(folder.path(), &["--sequences", "sequences.txt", "--embeddings", "three.npy"]);
    let (report, said) = (text(&output.stdout), text(&output.stderr));
    for line in [
        "fewer nats are better",
        "guessing among all items",
        "1.386",
        "more lift, and more neighbours",
        "Gini",
        "nearest ten that share it",
    ] {
        assert!(report.contains(line), "{line}: {report}");
    }
    assert!(said.contains("only 3 of the index's 4 items have a vector"), "{said}");
    assert!(!text(&audit(folder.path(), &[]).stdout).contains("nats"));
}

#[test]
fn files_that_do_not_fit_exit_with_2_and_say_why() {
    let folder = folder();
    let cases: [(&[&str], &str); 4] = [
        (&["--embeddings", "other.npy"], "begins with the id «1», the file with «x»"),
        (&["--embeddings", "absent.npy"], "absent.npy"),
        (&["--embeddings", "sequences.txt"], "sequences.txt"),
        (&["--array", "x"], "--embeddings"),
    ];
    for (args, expected) in cases {
        let output = audit(folder.path(), args);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args:?}");
        assert!(text(&output.stderr).contains(expected), "{args:?}: {}", text(&output.stderr));
    }
}
