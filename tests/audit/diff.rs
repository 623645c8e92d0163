//! `unitok diff`: what changed between two indexes, as figures, as lines and as an exit code.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use proptest::prelude::*;
use serde_json::{Value, json};
use unitok::audit::diff::{Change, diff};
use unitok::tokens::Index;

fn run(folder: &Path, args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_unitok")).arg("diff").args(args.split(' ')).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Two indexes of four common items: `same` stays, `last`, `first` and `expert` move; `old` leaves and `new` comes.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: Value| fs::write(folder.path().join(name), value.to_string()).unwrap();
    write(
        "a.json",
        json!({"same": ["<a_0>", "<b_0>", "<c_0>"], "last": ["<a_0>", "<b_1>", "<c_1>"], "old": ["<a_3>", "<b_3>", "<c_0>"],
               "first": ["<a_1>", "<b_0>", "<c_0>"], "expert": ["<a_2>", "<b_0>", "<c_0>"]}),
    );
    // `first` takes the former codeword of `old`, whose items are then all others.
    write(
        "b.json",
        json!({"expert": ["<a_2>", "<b_0>", "<c_1>"], "first": ["<a_3>", "<b_3>", "<c_0>"], "same": ["<a_0>", "<b_0>", "<c_0>"],
               "last": ["<a_0>", "<b_2>", "<c_1>"], "new": ["<a_0>", "<b_0>", "<c_0>"]}),
    );
    fs::write(folder.path().join("s.txt"), "u same last old new\nv first same\n").unwrap();
    folder
}

#[test]
fn figures_tell_what_moved_and_what_must_be_relearned() {
    let folder = folder();
    let output = run(folder.path(), "a.json b.json --expert 3 --sequences s.txt --json --changes c.jsonl");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&found["common"], &found["added"], &found["removed"], &found["moved"]),
        (&4.into(), &1.into(), &1.into(), &3.into())
    );
    assert_eq!(found["churn"], 0.8, "three of five moved, and one is gone");
    assert_eq!(found["kept_tokens"], json!([1, 1, 1, 1]));
    assert_eq!(
        found["experts"],
        json!([{"expert": "<c_0>", "items": 3, "moved": 2, "left": 1}, {"expert": "<c_1>", "items": 1, "moved": 1, "left": 0}])
    );
    let relearn = &found["relearn"];
    assert_eq!(
        (&relearn["tokens"], &relearn["new_tokens"], &relearn["gone_tokens"]),
        (&8.into(), &1.into(), &2.into()),
        "{relearn}"
    );
    // `<a_3>`, `<b_0>`, `<b_3>`, and the two experts between which an item moved; `<a_1>` and `<b_1>` are gone.
    assert_eq!((&relearn["changed_tokens"], &relearn["reused_codewords"]), (&5.into(), &1.into()), "{relearn}");
    assert_eq!((&relearn["items"], &relearn["item_share"]), (&4.into(), &0.8.into()));
    assert_eq!(relearn["interactions"], json!({"all": 5, "with_moved": 2, "with_added": 1, "share": 0.6}));
    let lines = fs::read_to_string(folder.path().join("c.jsonl")).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(
        lines[0],
        json!({"id": "expert", "change": "moved", "kept": 2, "before": ["<a_2>", "<b_0>", "<c_0>"], "after": ["<a_2>", "<b_0>", "<c_1>"]})
    );
    assert_eq!(lines[4], json!({"id": "old", "change": "removed", "before": ["<a_3>", "<b_3>", "<c_0>"]}));
}

#[test]
fn churn_is_a_gate_and_tables_are_for_people() {
    let folder = folder();
    let code = |limit: &str| run(folder.path(), &format!("a.json b.json --quiet --max-churn {limit}")).status.code();
    assert_eq!((code("0.79"), code("0.8")), (Some(1), Some(0)));
    let said = text(&run(folder.path(), "a.json b.json --quiet --max-churn 0.5").stderr);
    assert!(said.contains("of 5 items 3 moved and 1 is gone (churn 0.8000), above --max-churn 0.5"), "{said}");
    let shown = text(&run(folder.path(), "a.json b.json").stdout);
    for words in ["1 added, 1 removed, 3 of 4 moved (churn 80.00 %)", "moved, for example: expert, first, last", "none (stayed)"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn what_cannot_be_compared_is_named() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("other.json"), r#"{"x": [1]}"#).unwrap();
    fs::write(path.join("broken.json"), r#"{"x": "#).unwrap();
    for (args, words) in [
        ("a.json other.json", "no item in common (the first begins with «same», the second with «x»)"),
        ("a.json broken.json", "broken.json: not a readable index"),
        ("a.json none.json", "none.json"),
        ("a.json b.json --expert 4", "the codewords of a.json have 3 tokens"),
        ("a.json b.json --changes a.json", "which would be lost"),
        ("- -", "standard input (-) can be one of the inputs only"),
    ] {
        let output = run(path, args);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{args}");
        assert!(text(&output.stderr).contains(words), "{args}: {}", text(&output.stderr));
    }
}

proptest! {
    /// Every item is told once, and applying the changes to the first index gives the second.
    #[test]
    fn changes_lead_from_one_index_to_the_other(
        before in prop::collection::btree_map(0u8..30, prop::collection::vec(0u8..3, 3), 1..20),
        after in prop::collection::btree_map(0u8..30, prop::collection::vec(0u8..3, 3), 1..20),
    ) {
        let index = |rows: &std::collections::BTreeMap<u8, Vec<u8>>| {
            Index::from_rows(rows.iter().map(|(id, row)| (id.to_string(), row.iter().map(u8::to_string).collect()))).unwrap()
        };
        let (a, b) = (index(&before), index(&after));
        let Ok(found) = diff(&a, &b, None, None) else {
            prop_assert!(!before.keys().any(|id| after.contains_key(id)));
            return Ok(());
        };
        let mut applied = before.clone();
        let key = |index: &Index, item: u32| index.ids[item as usize].parse::<u8>().unwrap();
        for change in &found.changes {
            match *change {
                Change::Removed { before } => drop(applied.remove(&key(&a, before))),
                Change::Added { after: item } | Change::Moved { after: item, .. } => {
                    let id = key(&b, item);
                    applied.insert(id, after[&id].clone());
                }
            }
        }
        prop_assert_eq!(&applied, &after);
        prop_assert_eq!(found.kept_tokens.iter().sum::<usize>(), found.common);
        prop_assert_eq!(found.common + found.added, b.items());
        prop_assert_eq!(found.common + found.removed, a.items());
    }
}
