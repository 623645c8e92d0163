//! What survives: a run that was killed between index and lockfile, outputs that are named like inputs, and lockfiles that
//! somebody has edited.

use std::fs;
use std::io::Write;

use unitok::base::files::{Destination, Draft, drafts_of};
use unitok::tokens::lock::sealed;

use crate::rows;
use crate::workspace::Workspace;

const MODEL: &str = "--model model --device cpu";

/// An index `i.json` of 12 vectors under `assign`; `old.lock` is the lockfile that it had with 6 of them.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (name, range) in [("a", 0..6), ("b", 6..12)] {
        workspace.vectors(&format!("{name}.npy"), &rows(12)[range.clone()]);
        workspace.write(&format!("{name}.npy.ids.txt"), range.map(|i| format!("item_{i}\n")).collect::<String>());
    }
    workspace.summary(&format!("tokenize {MODEL} --embeddings a.npy --out i.json --collisions assign"));
    fs::copy(workspace.path("i.json.lock"), workspace.path("old.lock")).unwrap();
    workspace.summary(&format!("tokenize {MODEL} --embeddings b.npy --append i.json"));
    workspace
}

#[test]
fn a_lockfile_that_a_killed_run_left_as_a_draft_is_found_and_put_in_its_place() {
    let workspace = workspace();
    let lock = fs::read(workspace.path("i.json.lock")).unwrap();
    let killed = |old: bool| {
        fs::rename(workspace.path("i.json.lock"), workspace.path(".i.json.lock.aB3dE6.partial")).unwrap();
        if old {
            fs::copy(workspace.path("old.lock"), workspace.path("i.json.lock")).unwrap();
        }
    };
    for old in [true, false] {
        killed(old);
        workspace.summary("audit i.json");
        let summary = workspace.summary(&format!("tokenize {MODEL} --embeddings b.npy --append i.json"));
        assert_eq!(summary["append"]["unchanged"], 6, "the fingerprints are known: {summary}");
        assert_eq!(fs::read(workspace.path("i.json.lock")).unwrap(), lock);
        assert!(!workspace.path(".i.json.lock.aB3dE6.partial").exists());
    }
}

#[test]
fn a_lockfile_that_could_not_be_put_in_its_place_is_found_as_well() {
    let workspace = workspace();
    let path = workspace.path("i.json.lock");
    let lock = fs::read(&path).unwrap();
    let mut draft = Draft::create(&Destination::resolve(&path).unwrap()).unwrap();
    draft.write_all(&lock).unwrap();
    draft.settle().unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    draft.commit_or_stay().unwrap_err();
    fs::remove_dir(&path).unwrap();
    assert_eq!(drafts_of(&path).len(), 1);
    let summary = workspace.summary(&format!("tokenize {MODEL} --embeddings b.npy --append i.json"));
    assert_eq!(summary["append"]["unchanged"], 6, "the fingerprints are known: {summary}");
    assert_eq!((fs::read(&path).unwrap(), drafts_of(&path).len()), (lock, 0));
}

#[test]
fn no_output_takes_the_place_of_a_lockfile_or_of_a_file_that_is_no_log() {
    let workspace = workspace();
    let lock = fs::read(workspace.path("i.json.lock")).unwrap();
    let before = workspace.file_count();
    for command in [
        format!("tokenize {MODEL} --embeddings b.npy --append i.json --out i.json.lock"),
        format!("tokenize {MODEL} --embeddings b.npy --append i.json --out o.json --csv i.json.lock"),
        "diff i.json i.json --changes i.json.lock".into(),
        format!("tokenize {MODEL} --embeddings b.npy --out o.json --csv i.json.lock"),
        format!("tokenize {MODEL} --embeddings b.npy --out i.json.lock"),
        "edit i.json --model model --embeddings a.npy --pin item_0 --out o.json --log i.json.lock".into(),
    ] {
        let error = workspace.error(&command);
        assert!(error.contains("i.json.lock") && error.contains("give"), "{command}: {error}");
    }
    workspace.write("notes.jsonl", "{\"title\": \"not an edit\"}\n");
    let edit = "edit i.json --model model --embeddings a.npy --pin item_0 --out o.json --log";
    assert!(workspace.error(&format!("{edit} notes.jsonl")).contains("notes.jsonl, line 1: not an edit"));
    assert!(workspace.error(&format!("{edit} model")).contains("model"));
    assert_eq!(workspace.file_count(), before + 1, "nothing else was written");
    assert_eq!(fs::read(workspace.path("i.json.lock")).unwrap(), lock);
}

#[test]
fn an_export_does_not_write_where_it_reads() {
    let workspace = workspace();
    fs::create_dir(workspace.path("out")).unwrap();
    fs::copy(workspace.path("i.json"), workspace.path("out/ids.json")).unwrap();
    let error = workspace.error("export out/ids.json --for trie --out out");
    assert!(error.contains("out/ids.json lies in --out out"), "{error}");
    assert!(workspace.error("export i.json --for trie --out i.json").contains("is a file: give a folder"));
}

#[test]
fn a_lockfile_with_impossible_values_is_malformed() {
    let workspace = workspace();
    let lock = fs::read_to_string(workspace.path("i.json.lock")).unwrap();
    let expert = lock.lines().find(|line| line.contains("\"expert\"")).unwrap();
    for (from, to, words) in [
        ("\"beam\": 1", "\"beam\": 0", "a beam of 0, which is from 1 to 64"),
        ("\"beam\": 1", "\"beam\": 65535", "a beam of 65535"),
        (expert, "  \"expert\": 0,", "the expert's token is number 0 of 3"),
        (expert, "  \"expert\": 60,", "the expert's token is number 60 of 3"),
    ] {
        workspace.write("i.json.lock", sealed(serde_json::from_str(&lock.replacen(from, to, 1)).unwrap()));
        for command in ["audit i.json".to_string(), format!("tokenize {MODEL} --embeddings b.npy --append i.json")] {
            let error = workspace.error(&command);
            assert!(error.contains(words), "{command}: {error}");
        }
    }
}

#[cfg(feature = "train")]
#[test]
fn an_expert_that_cannot_be_trained_leaves_no_folder() {
    let workspace = workspace();
    let train = "train --extend model --domain one=a.npy --domain two=a.npy --domain new=b.npy --quiet --out";
    workspace.write("model/train.toml", "[recipe]\nlearning_rate = 1e37\ndecoder_steps = 3\n");
    fs::create_dir(workspace.path("mine")).unwrap();
    for (out, stays) in [("new", false), ("mine", true)] {
        let error = workspace.error(&format!("{train} {out}"));
        assert!(error.contains("is not finite any more"), "{error}");
        assert_eq!(workspace.path(out).exists(), stays);
    }
}
