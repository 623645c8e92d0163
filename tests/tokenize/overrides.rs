//! `--ignore-lock` overrides what does not fit and nothing else; `unitok info` tells what a lockfile says.

use serde_json::{Value, json};

use crate::changed::edit;
use crate::rows;
use crate::workspace::{Workspace, stderr};

/// A workspace with `i.json` of six vectors in `v.npy`, made with `--collisions assign` and item_1 pinned, and `w.npy` with
/// three more.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    for (name, from, to) in [("v.npy", 0, 6), ("w.npy", 6, 9)] {
        workspace.vectors(name, &rows(9)[from..to]);
        let ids: String = (from..to).map(|i| format!("item_{i}\n")).collect();
        workspace.write(&format!("{name}.ids.txt"), ids);
    }
    workspace.summary("tokenize --model model --device cpu --embeddings v.npy --out i.json --collisions assign --beam 2");
    workspace.summary("edit i.json --model model --pin item_1 --out i.json --log e.jsonl");
    workspace
}

/// Appends `w.npy` in spite of the lockfile. Returns what was said, and the lockfile then.
fn appended(workspace: &Workspace, options: &str) -> (String, Value) {
    let command = format!("tokenize --model model --device cpu --embeddings w.npy --append i.json --out k.json {options}");
    workspace.error(&command);
    let output = workspace.run(&format!("{command} --ignore-lock"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said: Vec<String> = stderr(&output).lines().filter(|line| line.contains("--ignore-lock")).map(Into::into).collect();
    (said.join("\n"), workspace.json("k.json.lock"))
}

#[test]
fn what_does_not_fit_is_overridden_by_name_and_the_rest_holds() {
    let workspace = workspace();
    let before = workspace.json("i.json.lock");
    let (said, lock) = appended(&workspace, "--beam 1");
    assert_eq!(said, "warning: --ignore-lock: i.json was made with the beam 2, this run with 1");
    assert_eq!((&lock["beam"], &lock["policy"], &lock["pinned"]), (&json!(1), &json!("assign"), &json!(["item_1"])));
    assert_eq!(lock["tokenizer"], before["tokenizer"]);
    // Fingerprints still tell what changed.
    assert!(lock["fingerprints"].as_str().unwrap().starts_with(before["fingerprints"].as_str().unwrap()));
    edit(&workspace, "i.json.lock", |lock| lock["tokenizer"]["sha256"] = json!("abc"));
    let (said, lock) = appended(&workspace, "");
    assert!(said.contains("the tokenizer model (sha256 abc), this run with model (sha256 ") && !said.contains('\n'), "{said}");
    assert_eq!((&lock["tokenizer"], &lock["policy"], &lock["beam"]), (&before["tokenizer"], &json!("assign"), &json!(2)));
    assert_eq!(lock["pinned"], json!(["item_1"]));
}

#[test]
fn of_a_lockfile_of_another_index_all_but_the_fingerprints_holds() {
    let workspace = workspace();
    let before = workspace.json("i.json.lock");
    // Other tokens of the same items: their fingerprints are theirs.
    edit(&workspace, "i.json", |index| index["item_2"] = index["item_3"].clone());
    let (said, lock) = appended(&workspace, "");
    assert!(said.contains("i.json is not the index that i.json.lock was written with"), "{said}");
    assert_eq!((&lock["policy"], &lock["pinned"]), (&json!("assign"), &json!(["item_1"])));
    assert!(lock["fingerprints"].as_str().unwrap().starts_with(before["fingerprints"].as_str().unwrap()));
    // Other items.
    edit(&workspace, "i.json", |index| drop(index.as_object_mut().unwrap().shift_remove("item_2")));
    let (_, lock) = appended(&workspace, "");
    assert_eq!((&lock["policy"], &lock["index"]["items"]), (&json!("assign"), &json!(8)));
    assert!(lock["fingerprints"].as_str().unwrap().starts_with(&"0".repeat(40)), "nobody knows");
}

#[test]
fn info_tells_what_the_lockfile_says_and_whether_it_fits() {
    let workspace = workspace();
    assert!(std::process::Command::new("gzip").arg("-k").arg(workspace.path("i.json")).status().unwrap().success());
    assert_eq!(workspace.summary("info i.json.gz")["kind"], "index", "packed, too");
    let text = || String::from_utf8(workspace.run("info i.json").stdout).unwrap();
    let found = workspace.summary("info i.json");
    assert_eq!((&found["lock"]["fits"], &found["lock"]["says"]["policy"]), (&json!(true), &json!("assign")));
    assert_eq!(found["lock"]["says"]["fingerprints"], Value::Null, "a fingerprint an item is nothing to look at");
    for words in ["i.json.lock, fits the index", "tokenizer     model (sha256 ", "assign, beam 2", "pinned        1 item"] {
        assert!(text().contains(words), "{words}: {}", text());
    }
    edit(&workspace, "i.json", |index| index["item_2"] = index["item_3"].clone());
    let output = workspace.run("info i.json --json");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &found["lock"]["fits"]), (Some(1), &json!(false)));
    let said = stderr(&output);
    assert!(said.contains("check failed: i.json is not the index that i.json.lock was written with (6 items"), "{said}");
    assert!(text().contains("does not fit: i.json is not the index") && text().contains("assign, beam 2"), "{}", text());
    workspace.write("i.json.lock", "{");
    let output = workspace.run("info i.json --json");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &found["lock"]["fits"], &found["lock"]["says"]), (Some(1), &json!(false), &Value::Null));
    std::fs::remove_file(workspace.path("i.json.lock")).unwrap();
    assert_eq!(workspace.summary("info i.json")["lock"], Value::Null);
    assert!(text().contains("lockfile      none"), "{}", text());
}
