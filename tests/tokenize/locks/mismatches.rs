//! Indexes and lockfiles that were changed: every command refuses them by name.

use serde_json::json;

use super::workspace;
use crate::changed::edit;
use crate::rows;
use crate::workspace::{Workspace, stderr};

/// A mismatch: what is done to the workspace, the command that must refuse it, and words of its message.
pub type Case = (&'static str, fn(&Workspace), &'static str, &'static [&'static str]);

pub const AUDIT: &str = "audit i.json --items a.csv";
pub const APPEND: &str = "tokenize --model wide --items a.csv --append i.json --out k.json --device cpu";

/// Indexes that are not what they were when their lockfiles were written.
const INDEXES: &[Case] = &[
    (
        "a token was changed",
        |w| edit(w, "i.json", |i| i["1"][0] = json!("<a_x>")),
        AUDIT,
        &["i.json is not the index", "i.json.lock"],
    ),
    (
        "an item was added",
        |w| edit(w, "i.json", |i| i["4"] = i["1"].clone()),
        AUDIT,
        &["4 items of 3 tokens", "3 items of 3 tokens"],
    ),
    (
        "an item was removed",
        |w| edit(w, "i.json", |i| drop(i.as_object_mut().unwrap().shift_remove("2"))),
        "diff i.json i.json --quiet",
        &["2 items of 3 tokens", "3 items of 3 tokens"],
    ),
    (
        "items were reordered",
        |w| edit(w, "i.json", |i| i["1"] = i.as_object_mut().unwrap().shift_remove("1").unwrap()),
        "recommend evaluate --index i.json --sequences s.txt --recommender popularity",
        &["i.json is not the index that i.json.lock was written with"],
    ),
    (
        "tokens are of another number",
        |w| {
            edit(w, "i.json", |i| {
                i.as_object_mut().unwrap().values_mut().for_each(|row| row.as_array_mut().unwrap().push(json!("x")));
            });
        },
        AUDIT,
        &["3 items of 4 tokens"],
    ),
    (
        "the second index of a diff was changed",
        |w| edit(w, "i.json", |i| i["1"][0] = json!("<a_x>")),
        "diff o.json i.json",
        &["i.json is not the index that i.json.lock was written with"],
    ),
    (
        "the index that is handed over was changed",
        |w| {
            edit(w, "i.json", |i| i["1"][0] = json!("<a_2>"));
            // Without the lockfile's sizes, tokens have other numbers than what lies there.
            std::fs::remove_dir_all(w.path("trie")).unwrap();
        },
        "export i.json --for trie --out trie",
        &["i.json is not the index that i.json.lock was written with"],
    ),
    (
        "the index that is appended to was changed",
        |w| {
            edit(w, "i.json", |i| {
                let other = if i["1"][0] == "<a_0>" { "<a_1>" } else { "<a_0>" };
                i["1"][0] = json!(other);
            });
        },
        APPEND,
        &["i.json is not the index that i.json.lock was written with"],
    ),
];

/// Lockfiles that were changed.
const LOCKFILES: &[Case] = &[
    (
        "the lockfile is of another index",
        |w| assert!(std::fs::copy(w.path("o.json.lock"), w.path("i.json.lock")).is_ok()),
        AUDIT,
        &["the lockfile has 20 items"],
    ),
    (
        "a member of the lockfile was changed",
        |w| {
            let lock = std::fs::read_to_string(w.path("i.json.lock")).unwrap();
            w.write("i.json.lock", lock.replace("\"beam\": 1", "\"beam\": 2"));
        },
        AUDIT,
        &["i.json.lock was changed after it was written (its content has sha256 ", "its seal is "],
    ),
    (
        "the seal was taken away",
        |w| {
            let mut lock = w.json("i.json.lock");
            lock.as_object_mut().unwrap().shift_remove("seal");
            w.write("i.json.lock", lock.to_string());
        },
        AUDIT,
        &["i.json.lock was changed after it was written", "its seal is none"],
    ),
    (
        "a changed lockfile says that it is of the format that had no seal",
        |w| {
            let mut lock = w.json("i.json.lock");
            (lock["format"], lock["beam"]) = (1.into(), 2.into());
            w.write("i.json.lock", lock.to_string());
        },
        AUDIT,
        &[
            "i.json.lock is not a lockfile",
            "its format is 1, and it has members of format 2",
            "pinned items and retired codewords",
        ],
    ),
    ("the lockfile is cut short", |w| w.write("i.json.lock", "{\"format\": 1"), AUDIT, &["i.json.lock is not a lockfile", "EOF"]),
    (
        "the lockfile is of another program",
        |w| w.write("i.json.lock", "{\"lockfileVersion\": 3}\n"),
        AUDIT,
        &["i.json.lock is not a lockfile", "no format"],
    ),
    (
        "the lockfile is the number of a process",
        |w| w.write("i.json.lock", "4711\n"),
        AUDIT,
        &["i.json.lock is not a lockfile", "expected an object"],
    ),
    (
        "the lockfile is of a later program",
        |w| edit(w, "i.json.lock", |l| l["format"] = json!(3)),
        AUDIT,
        &["format 3", "format 2"],
    ),
    (
        "the lockfile lacks a member",
        |w| edit(w, "i.json.lock", |l| drop(l.as_object_mut().unwrap().shift_remove("layout"))),
        AUDIT,
        &["missing field `layout`"],
    ),
    (
        "a fingerprint is missing",
        |w| edit(w, "i.json.lock", |l| l["fingerprints"] = json!("00000001")),
        AUDIT,
        &["1 fingerprint for 3 items"],
    ),
];

#[test]
fn an_index_that_is_not_that_of_its_lockfile_is_refused() {
    INDEXES.iter().for_each(refused_unless_ignored);
}

#[test]
fn a_lockfile_that_is_not_as_it_was_written_is_refused() {
    LOCKFILES.iter().for_each(refused_unless_ignored);
}

/// Checks that what fitted before is refused by name, goes on with `--ignore-lock`, and without a lockfile.
pub fn refused_unless_ignored((what, change, command, words): &Case) {
    let workspace = workspace();
    workspace.vectors("o.npy", &rows(20));
    workspace.summary("tokenize --model model --embeddings o.npy --out o.json --device cpu");
    if command.starts_with("diff o.json") {
        workspace.summary("tokenize --model wide --items a.csv --out o.json --device cpu");
    }
    assert_eq!(workspace.run(command).status.code(), Some(0), "{what}: it is no mismatch before");
    change(&workspace);
    let error = workspace.error(command);
    words.iter().for_each(|words| assert!(error.contains(words), "{what}: {words}: {error}"));
    let ignored = workspace.run(&format!("{command} --ignore-lock"));
    let said = stderr(&ignored);
    assert_eq!(ignored.status.code(), Some(0), "{what}: {said}");
    assert!(said.contains("warning: --ignore-lock: ") && said.contains(words[0]), "{what}: {said}");
    ["i.json.lock", "o.json.lock"].into_iter().for_each(|lock| std::fs::remove_file(workspace.path(lock)).unwrap());
    // What to do with collisions is then for whoever appends to say.
    let policy = if *command == APPEND { " --collisions keep" } else { "" };
    assert_eq!(
        workspace.run(&format!("{command}{policy}")).status.code(),
        Some(0),
        "{what}: an index without a lockfile is one of another program"
    );
}
