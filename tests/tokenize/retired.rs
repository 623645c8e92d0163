//! Codewords that items left: nobody else gets them unless that is asked for, and an item that returns has its own again.

use serde_json::{Value, json};

use crate::rows;
use crate::workspace::{Workspace, stderr};

pub const MODEL: &str = "--model model --device cpu";
const EDIT: &str = "edit i.json --model model --device cpu --embeddings v.npy --out i.json --log e.jsonl";

/// Items by their rows.
pub const ITEMS: [(&str, usize); 6] = [("a", 0), ("b", 2), ("c", 4), ("d", 6), ("e", 8), ("f", 10)];

/// Writes the vectors `name` under the ids `items`, each of the row of that number or of another.
pub fn vectors(workspace: &Workspace, name: &str, items: &[(&str, usize)]) {
    let all = rows(37);
    workspace.vectors(name, &items.iter().map(|(_, row)| all[*row].clone()).collect::<Vec<_>>());
    workspace.write(&format!("{name}.ids.txt"), items.iter().map(|(id, _)| format!("{id}\n")).collect::<String>());
}

/// A workspace with `i.json` of six vectors.
pub fn workspace(policy: &str) -> (Workspace, Value) {
    let workspace = Workspace::new();
    vectors(&workspace, "v.npy", &ITEMS);
    workspace.summary(&format!("tokenize {MODEL} --embeddings v.npy --out i.json --collisions {policy}"));
    let index = workspace.json("i.json");
    (workspace, index)
}

/// An item that shares its codeword with nobody, and its row.
pub fn alone(index: &Value) -> (&'static str, usize) {
    let shares = |id: &str| ITEMS.iter().filter(|(other, _)| index[other] == index[id]).count() > 1;
    ITEMS.into_iter().find(|(id, _)| !shares(id)).expect("the test needs a codeword that only one item has")
}

pub fn joined(tokens: &Value) -> String {
    tokens.as_array().unwrap().iter().map(|token| token.as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn items_are_removed_by_id_or_file_and_their_codewords_retire() {
    let (workspace, before) = workspace("assign");
    workspace.write("gone.txt", "\u{feff}c\r\n\nd\n");
    let priced = workspace.summary("edit i.json --remove a --remove gone.txt --remove c");
    assert_eq!((&priced["items_removed"], &priced["codewords_retired"], &priced["out"]), (&3.into(), &3.into(), &Value::Null));
    assert_eq!(workspace.json("i.json"), before, "nothing is written without --out");
    let shown = String::from_utf8(workspace.run("edit i.json --remove a --remove gone.txt --remove c").stdout).unwrap();
    for words in ["3 of 6 items leave; 3 codewords retire; nothing is written without --out", "remove 3 items"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    workspace.summary("edit i.json --remove a --remove gone.txt --out i.json --log e.jsonl");
    let (index, lock) = (workspace.json("i.json"), workspace.json("i.json.lock"));
    assert_eq!(index.as_object().unwrap().keys().collect::<Vec<_>>(), ["b", "e", "f"]);
    assert!(index.as_object().unwrap().iter().all(|(id, tokens)| before[id] == *tokens), "nobody moved");
    let retired: Vec<(&str, &str)> = lock["retired"]
        .as_array()
        .unwrap()
        .iter()
        .map(|codeword| (codeword["item"].as_str().unwrap(), codeword["tokens"].as_str().unwrap()))
        .collect();
    let expected = ["a", "c", "d"].map(|id| (id, joined(&before[id])));
    assert_eq!(retired, expected.each_ref().map(|(id, tokens)| (*id, tokens.as_str())));
    assert_eq!(lock["fingerprints"].as_str().unwrap().len(), 24);
    assert_eq!(workspace.run("audit i.json --embeddings v.npy").status.code(), Some(0), "the lockfile fits");
    for (command, words) in [
        ("edit i.json --remove nobody", "--remove nobody: the index has no such item, and there is no such file"),
        ("edit i.json --remove a", "--remove a: the index has no such item"),
        ("edit i.json --remove gone.txt", "--remove: gone.txt, line 1: the index has no item «c»"),
        ("edit i.json --remove b --remove e --remove f", "no item would be left"),
        ("edit i.json --pin b --remove b", "item «b» is pinned"),
        ("edit i.json --remove b --pin b", "the index has no item «b»"),
        ("edit i.json --remove i.json.lock", "the index has no item «{»"),
    ] {
        let error = workspace.error(command);
        assert!(error.contains(words), "{command}: {error}");
    }
}

#[test]
fn of_many_items_that_leave_some_are_shown() {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(30));
    workspace.summary(&format!("tokenize {MODEL} --embeddings v.npy --out i.json"));
    workspace.write("gone.txt", (0..25).map(|item| format!("item {item}\n")).collect::<String>());
    let shown = String::from_utf8(workspace.run("edit i.json --remove gone.txt").stdout).unwrap();
    assert!(shown.contains("25 of 30 items leave") && shown.contains("… and 5 more (--json has all)"), "{shown}");
    let all = workspace.summary("edit i.json --remove gone.txt");
    assert_eq!(all["edits"][0]["removed"].as_array().unwrap().len(), 25);
}

#[test]
fn a_codeword_of_an_item_that_left_goes_to_nobody_else_and_back_to_that_item() {
    for policy in ["assign", "sinkhorn", "suffix"] {
        let (workspace, before) = workspace(policy);
        workspace.summary("edit i.json --remove a --out i.json --log e.jsonl");
        // Items with the vector of the one that left would be nearest to its codeword.
        vectors(&workspace, "w.npy", &[("g", 0), ("h", 0)]);
        let append = format!("tokenize {MODEL} --embeddings w.npy --append i.json");
        let summary = workspace.summary(&format!("{append} --out j.json"));
        assert_eq!(summary["append"]["passed_on"], 0, "{policy}");
        assert_eq!(workspace.run("audit j.json --quiet --max-collision 0").status.code(), Some(0), "{policy}");
        let index = workspace.json("j.json");
        assert!(index["g"] != before["a"] && index["h"] != before["a"], "{policy}");
        assert_eq!(workspace.json("j.json.lock")["retired"].as_array().unwrap().len(), 1);
        // It returns, with what is new on the same day.
        vectors(&workspace, "x.npy", &[("h", 0), ("a", 0)]);
        let summary = workspace.summary(&format!("tokenize {MODEL} --embeddings x.npy --append i.json --out k.json"));
        assert_eq!((&summary["append"]["returned"], &summary["append"]["added"]), (&1.into(), &1.into()), "{policy}");
        let index = workspace.json("k.json");
        assert_eq!(index["a"], before["a"], "{policy}");
        assert_eq!(workspace.json("k.json.lock")["retired"], Value::Null, "{policy}");
        assert_eq!(workspace.run("audit k.json --embeddings x.npy --max-collision 0").status.code(), Some(0), "{policy}");
        // When asked, others get it.
        let output = workspace.run(&format!("{append} --reuse --out l.json"));
        let index = workspace.json("l.json");
        if policy != "suffix" {
            assert!(stderr(&output).contains("1 codeword that other items had before is new items' now (--reuse)"));
        }
        // Numbers of a suffix go on from the largest that is there.
        assert!(policy == "suffix" || index["g"] == before["a"] || index["h"] == before["a"], "{policy}");
    }
}

#[test]
fn keep_moves_no_item_and_says_what_it_passes_on() {
    let (workspace, before) = workspace("keep");
    let (id, row) = alone(&before);
    workspace.summary(&format!("edit i.json --remove {id} --out i.json --log e.jsonl"));
    assert_eq!(workspace.json("i.json.lock")["retired"][0]["item"], id);
    vectors(&workspace, "w.npy", &[("g", row)]);
    let output = workspace.run(&format!("tokenize {MODEL} --embeddings w.npy --append i.json"));
    assert!(stderr(&output).contains("warning: 1 codeword that other items had before"), "{}", stderr(&output));
    assert_eq!(workspace.json("i.json")["g"], before[id]);
    assert_eq!(workspace.json("i.json.lock")["retired"], Value::Null, "it is in use");
}

#[test]
fn edits_and_new_tokens_retire_codewords_too() {
    let (workspace, before) = workspace("assign");
    // A changed item that gets new tokens.
    vectors(&workspace, "w.npy", &[("a", 21), ("b", 2)]);
    workspace.summary(&format!("tokenize {MODEL} --embeddings w.npy --append i.json --retokenize"));
    let after = workspace.json("i.json");
    assert_ne!(after["a"], before["a"]);
    let lock = workspace.json("i.json.lock");
    assert_eq!(lock["retired"][0]["tokens"], json!(joined(&before["a"])));
    // One run later nobody else gets it, by no way.
    vectors(&workspace, "x.npy", &[("g", 0)]);
    workspace.summary(&format!("tokenize {MODEL} --embeddings x.npy --append i.json"));
    assert_ne!(workspace.json("i.json")["g"], before["a"]);
    vectors(&workspace, "v.npy", &[("a", 21), ("b", 2), ("c", 4), ("d", 6), ("e", 8), ("f", 10), ("g", 0)]);
    let kept = workspace.summary(&format!("{EDIT} --reassign g"));
    assert_eq!(kept["items_moved"], 0, "{kept}");
    let moved = workspace.summary(&format!("{EDIT} --reassign g --reuse"));
    assert_eq!((&moved["items_moved"], &workspace.json("i.json")["g"]), (&1.into(), &before["a"]));
}

#[test]
fn an_item_that_was_merged_away_gets_its_tokens_back_when_it_is_split_off() {
    let (workspace, before) = workspace("assign");
    let merged = workspace.summary(&format!("{EDIT} --merge a f"));
    let moved = merged["edits"][0]["moved"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(workspace.json("i.json.lock")["retired"][0]["item"], moved.as_str());
    workspace.summary(&format!("{EDIT} --split a"));
    assert_eq!(workspace.json("i.json"), before);
    assert_eq!(workspace.json("i.json.lock")["retired"], Value::Null);
    workspace.summary("edit i.json --remove b --out i.json --log e.jsonl");
    let shown = String::from_utf8(workspace.run("edit i.json --remove c").stdout).unwrap();
    assert!(shown.contains("1 of 5 items leaves; 1 codeword retires"), "{shown}");
}

#[test]
fn an_item_gets_its_tokens_back_when_its_text_comes_back() {
    for policy in ["keep", "suffix", "sinkhorn", "assign"] {
        let (workspace, before) = workspace(policy);
        let far = ITEMS.map(|(id, row)| (id, if id == "a" { 21 } else { row }));
        let append = format!("tokenize {MODEL} --embeddings v.npy --append i.json --retokenize");
        let unique = |index: &Value| {
            index.as_object().unwrap().values().map(ToString::to_string).collect::<std::collections::HashSet<_>>().len()
        };
        let run = |items: &[(&str, usize)]| {
            vectors(&workspace, "v.npy", items);
            let output = workspace.run(&format!("{append} --json"));
            assert!(!stderr(&output).contains("warning"), "{policy}: {}", stderr(&output));
            let (summary, index): (Value, _) = (serde_json::from_slice(&output.stdout).unwrap(), workspace.json("i.json"));
            let collisions = &summary["collisions"];
            assert_eq!((&collisions["items"], &summary["unique_codewords"]), (&6.into(), &unique(&index).into()), "{summary}");
            assert_eq!(summary["append"]["retokenized"], 1, "{policy}");
            // A codeword that another item still has is nobody's own.
            let regained = if policy == "keep" { Value::Null } else { summary["append"]["regained"].clone() };
            (index, regained)
        };
        let (there, regained) = run(&far);
        assert!(regained != 1 && there["a"] != before["a"], "{policy}");
        let one = if policy == "keep" { Value::Null } else { 1.into() };
        for _ in 0..2 {
            assert_eq!(run(&ITEMS), (before.clone(), one.clone()), "{policy}");
            let retired = &workspace.json("i.json.lock")["retired"];
            assert!(policy == "keep" || retired[0]["tokens"] == joined(&there["a"]), "{policy}: {retired}");
            assert!(retired.as_array().is_none_or(|retired| retired.len() == 1), "{policy}: {retired}");
            assert_eq!(run(&far), (there.clone(), one.clone()), "{policy}");
        }
        // Almost its earlier text, which leads to the same place.
        let mut almost = rows(37);
        almost[0][0] += 1e-5;
        workspace.vectors("v.npy", &ITEMS.map(|(_, row)| almost[row].clone()));
        workspace.write("v.npy.ids.txt", "a\nb\nc\nd\ne\nf\n");
        let summary = workspace.summary(&append);
        assert_eq!((&summary["append"]["retokenized"], &workspace.json("i.json")), (&1.into(), &before), "{policy}: {summary}");
        vectors(&workspace, "v.npy", &ITEMS);
        let summary = workspace.summary(&append);
        assert_eq!((&summary["append"]["fitting"], &summary["append"]["retokenized"]), (&1.into(), &0.into()), "{policy}");
        assert_eq!(workspace.json("i.json"), before, "{policy}");
    }
}

#[test]
fn of_several_items_that_left_one_codeword_each_gets_it_back() {
    for policy in ["keep", "assign"] {
        let workspace = Workspace::new();
        let twins = [("a", 0), ("b", 0), ("c", 4), ("d", 6)];
        vectors(&workspace, "v.npy", &twins);
        workspace.summary(&format!("tokenize {MODEL} --embeddings v.npy --out i.json --collisions {policy}"));
        if policy == "assign" {
            workspace.summary(&format!("{EDIT} --merge a b"));
        }
        let before = workspace.json("i.json");
        assert_eq!(before["a"], before["b"]);
        let removed = workspace.summary("edit i.json --remove a --remove b --out i.json --log r.jsonl");
        let retired = workspace.json("i.json.lock")["retired"].as_array().unwrap().clone();
        let one = retired.iter().filter(|codeword| codeword["tokens"] == joined(&before["a"])).count();
        assert_eq!((&removed["codewords_retired"], one), (&1.into(), 2), "{policy}: one codeword of two items");
        // With other vectors, by which they would get other tokens; alone, and both at once.
        for back in [&[("a", 21)][..], &[("b", 21)], &[("a", 21), ("b", 10)]] {
            vectors(&workspace, "w.npy", back);
            let append = format!("tokenize {MODEL} --embeddings w.npy --append i.json --out k.json");
            let summary = workspace.summary(&append);
            let found = (&summary["append"]["returned"], &summary["append"]["passed_on"]);
            assert_eq!(found, (&back.len().into(), &0.into()), "{policy}: {summary}");
            let index = workspace.json("k.json");
            assert!(back.iter().all(|(id, _)| index[*id] == before[*id]), "{policy}: {index}");
        }
        // Nobody else gets it where items are moved.
        vectors(&workspace, "x.npy", &[("g", 0)]);
        let summary = workspace.summary(&format!("tokenize {MODEL} --embeddings x.npy --append i.json --out k.json"));
        assert_eq!(summary["append"]["passed_on"], i32::from(policy == "keep"), "{policy}: {summary}");
    }
}
