//! `unitok edit`: priced, done, logged and done again.

use serde_json::Value;

use crate::rows;
use crate::tiny;
use crate::workspace::{Workspace, text_model};
use unitok::text::TextEncoder;

const EDIT: &str = "edit i.json --model model --embeddings v.npy";

/// Ids by their tokens, the largest bucket first.
fn buckets(index: &Value) -> Vec<Vec<String>> {
    let mut buckets: std::collections::BTreeMap<String, Vec<String>> = Default::default();
    for (id, tokens) in index.as_object().unwrap() {
        buckets.entry(tokens.to_string()).or_default().push(id.clone());
    }
    let mut buckets: Vec<Vec<String>> = buckets.into_values().collect();
    buckets.sort_by_key(|bucket| std::cmp::Reverse(bucket.len()));
    buckets
}

/// A workspace with the index `i.json` of 16 vectors, some of which share a codeword. Ids have no spaces, because
/// [`Workspace::run`] splits its arguments at them.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(16));
    workspace.write("v.npy.ids.txt", (0..16).map(|i| format!("item_{i}\n")).collect::<String>());
    workspace.summary("tokenize --model model --device cpu --embeddings v.npy --out i.json");
    workspace
}

#[test]
fn a_crowded_codeword_is_split_at_the_price_that_was_told() {
    let workspace = workspace();
    let before = workspace.json("i.json");
    let crowded = buckets(&before)[0].clone();
    assert!(crowded.len() > 2, "the test needs a crowded codeword");
    let priced = workspace.summary(&format!("{EDIT} --split {}", crowded[0]));
    assert_eq!((workspace.json("i.json"), &priced["out"]), (before.clone(), &Value::Null), "nothing is written without --out");
    assert_eq!(priced["items_moved"], crowded.len() - 1, "one of them keeps the codeword");
    assert!(priced["added_distortion"].as_f64().unwrap() > 0.0);
    let done = workspace.summary(&format!("{EDIT} --split {} --out i.json --log e.jsonl", crowded[0]));
    assert_eq!(done["edits"], priced["edits"]);
    let after = workspace.json("i.json");
    assert_eq!(done["edits"][0]["sharing"], 0);
    let sharing = buckets(&after).into_iter().filter(|bucket| bucket.len() > 1 && bucket.iter().any(|id| crowded.contains(id)));
    assert_eq!(sharing.count(), 0, "each has tokens of its own");
    let found = workspace.json("i.json.lock");
    assert_eq!(workspace.run("audit i.json --quiet").status.code(), Some(0), "the lockfile is of the edited index: {found}");
}

#[test]
fn a_log_that_grows_replays_bit_for_bit_without_a_model() {
    let workspace = workspace();
    let crowded = buckets(&workspace.json("i.json"))[0].clone();
    let alone = buckets(&workspace.json("i.json")).last().unwrap()[0].clone();
    for (from, to) in [("i.json", "first.json"), ("i.json.lock", "first.json.lock")] {
        std::fs::copy(workspace.path(from), workspace.path(to)).unwrap();
    }
    workspace.summary(&format!("{EDIT} --pin {} --reassign {} --out i.json --log e.jsonl", crowded[0], crowded[1]));
    workspace.summary(&format!("{EDIT} --merge {} {alone} --split {} --out i.json --log e.jsonl", crowded[2], crowded[2]));
    let log = std::fs::read_to_string(workspace.path("e.jsonl")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["edit"]).filter(|edit| !edit.is_null()).collect();
    assert_eq!(kinds, ["pin", "reassign", "merge", "split"], "in the order in which they were typed");
    assert_eq!(lines[0]["from"]["sha256"], workspace.json("first.json.lock")["index"]["sha256"]);
    assert_eq!((&lines[0]["to"], &lines[0]["edits"], &lines[3]["edits"]), (&lines[3]["from"], &2.into(), &2.into()));
    workspace.summary("edit first.json --replay e.jsonl --out again.json");
    for name in ["json", "json.lock"] {
        let read = |file: &str| std::fs::read(workspace.path(&format!("{file}.{name}"))).unwrap();
        assert!(read("again") == read("i"), "{name}");
    }
    assert_eq!(workspace.json("again.json.lock")["pinned"], serde_json::json!([crowded[0]]));
    let error = workspace.error("edit i.json --replay e.jsonl --out again.json");
    assert!(error.contains("e.jsonl ends with 16 items (sha256 ") && error.contains("done already"), "{error}");
}

#[test]
fn pinned_items_stay_and_moves_are_the_cheapest() {
    let workspace = workspace();
    let crowded = buckets(&workspace.json("i.json"))[0].clone();
    let [first, second] = [&crowded[0], &crowded[1]];
    let error = workspace.error(&format!("{EDIT} --pin {first} --reassign {first}"));
    assert!(error.contains(&format!("«{first}» is pinned")), "{error}");
    let free = workspace.summary(&format!("{EDIT} --pin {first} --unpin {first} --reassign {first}"));
    assert_eq!(free["items_moved"], 1, "it shares its tokens with others");
    let before = workspace.json("i.json");
    workspace.summary(&format!("{EDIT} --pin {first} --split {first} --out i.json --log e.jsonl"));
    let after = workspace.json("i.json");
    assert_eq!(after[first], before[first]);
    assert!(crowded[1..].iter().all(|id| after[id] != before[first]), "the others leave");
    // Back together: the pinned one draws the other, and pinned ones on both sides cannot be merged.
    let merged = workspace.summary(&format!("{EDIT} --merge {first} {second}"));
    assert_eq!((&merged["items_moved"], &merged["edits"][0]["moved"][0]["id"]), (&1.into(), &second.as_str().into()));
    let error = workspace.error(&format!("{EDIT} --pin {second} --merge {first} {second}"));
    assert!(error.contains("items of both are pinned"), "{error}");
    // An item with the best free place stays, in a second round too.
    let again = workspace.summary(&format!("{EDIT} --reassign {second}"));
    assert_eq!(again["items_moved"], 0, "{again}");
    // New tokens are not for a pinned item.
    let mut moved = rows(16);
    moved[first["item_".len()..].parse::<usize>().unwrap()] = rows(37)[20].clone();
    workspace.vectors("w.npy", &moved);
    std::fs::copy(workspace.path("v.npy.ids.txt"), workspace.path("w.npy.ids.txt")).unwrap();
    let summary = workspace.summary("tokenize --model model --device cpu --embeddings w.npy --append i.json --retokenize");
    assert_eq!((&summary["append"]["changed"], &summary["append"]["retokenized"]), (&1.into(), &0.into()));
    assert_eq!(workspace.json("i.json")[first], before[first]);
}

#[test]
fn edits_that_mean_nothing_are_refused() {
    let workspace = workspace();
    workspace.vectors("other.npy", &rows(3));
    workspace.write("bad.jsonl", "{\"edit\": \"dance\"}\n");
    let mut trained = tiny::model(8);
    trained.codebooks[0] += 1.0;
    workspace.model("trained", &trained);
    for (command, words) in [
        ("edit i.json", "nothing to do"),
        ("edit i.json --split item_1 --model model", "give --items or --embeddings"),
        ("edit i.json --split item_99 --model model --embeddings v.npy", "the index has no item «item_99»"),
        ("edit i.json --merge item_1 item_1 --model model --embeddings v.npy", "they have the same tokens already"),
        ("edit i.json --reassign item_1 --model model --embeddings other.npy", "is not in the input"),
        ("edit i.json --reassign item_1 --model trained --embeddings v.npy", "i.json was made with the tokenizer model (sha256"),
        ("edit i.json --reassign item_1 --model model --embeddings v.npy --out i.json", "give --log FILE too"),
        ("edit i.json --replay bad.jsonl", "bad.jsonl, line 1: not an edit"),
        ("edit i.json --explain", "--items"),
        ("edit i.json --reassign item_1 --model model --items a.json --out a.json --log e.jsonl", "which would be lost"),
    ] {
        let error = workspace.error(command);
        assert!(error.contains(words), "{command}: {error}");
    }
    workspace.summary("tokenize --model model --device cpu --embeddings v.npy --collisions suffix --out s.json");
    let error = workspace.error("edit s.json --reassign item_1 --model model --embeddings v.npy");
    assert!(error.contains("nothing to split or to merge, and no other token to reassign"), "{error}");
    std::fs::remove_file(workspace.path("i.json.lock")).unwrap();
    let error = workspace.error(&format!("{EDIT} --split item_1"));
    assert!(error.contains("i.json has no lockfile"), "{error}");
}

#[test]
fn collisions_are_explained_by_the_words_that_would_separate_their_items() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    let long = "x".repeat(300);
    workspace.write(
        "a.csv",
        format!("id,title,description\n1,pruner right,\n2,pruner left,\n3,pot,{long} red\n4,pot,{long} blue\n5,tea,\n6,tea,\n"),
    );
    // Pairs that share their tokens, whatever the tokenizer thinks of them.
    workspace.write("i.json", r#"{"1": [1], "2": [1], "3": [2], "4": [2], "5": [3], "6": [3], "7": [3], "8": [4]}"#);
    let found = workspace.summary("edit i.json --explain --items a.csv");
    let words = |bucket: usize| {
        let bucket = &found["collisions"][bucket];
        let words: Vec<String> = bucket["items"].as_array().unwrap().iter().map(|item| item["words"].to_string()).collect();
        (bucket["words_in"].as_str().unwrap().to_owned(), words.join(" "))
    };
    assert_eq!(words(0), ("nowhere".into(), "[] [] []".into()), "one of the three is not in the catalogue");
    assert_eq!(words(1), ("text".into(), r#"["right"] ["left"]"#.into()));
    assert_eq!(words(2), ("left-out".into(), r#"["red"] ["blue"]"#.into()));
    let shown = String::from_utf8(workspace.run("edit i.json --explain --items a.csv").stdout).unwrap();
    for words in ["1: right (pruner right)", "differ only in what the template leaves out", "7: – (not in the catalogue)"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[test]
fn every_collision_is_explained() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    let kinds = ["green tea", "red tea", "black coffee", "garden pruner"];
    let title = |item: usize| format!("{} {}", kinds[item % 4], ["small", "large", "spare"][item / 4 % 3]);
    let lines: String = (0..48).map(|item| format!("{item},{}\n", title(item))).collect();
    workspace.write("a.csv", format!("id,title\n{lines}"));
    workspace.summary("tokenize --model wide --items a.csv --out i.json --device cpu");
    let colliding: Vec<Vec<String>> = buckets(&workspace.json("i.json")).into_iter().filter(|ids| ids.len() > 1).collect();
    let found = workspace.summary("edit i.json --explain --items a.csv");
    let explained = found["collisions"].as_array().unwrap();
    assert_eq!(explained.len(), colliding.len());
    assert!(colliding.len() > 1, "the test needs collisions");
    let mut seen: Vec<Vec<String>> = Vec::new();
    for bucket in explained {
        let items = bucket["items"].as_array().unwrap();
        let ids: Vec<String> = items.iter().map(|item| item["id"].as_str().unwrap().into()).collect();
        let texts: Vec<String> = ids.iter().map(|id| title(id.parse().unwrap())).collect();
        let differ = texts.iter().any(|text| *text != texts[0]);
        assert_eq!(bucket["words_in"], if differ { "text" } else { "nowhere" }, "{bucket}");
        for (item, text) in items.iter().zip(&texts) {
            let words = item["words"].as_array().unwrap();
            assert_eq!(words.is_empty(), !differ, "each of these items has a word that another lacks: {bucket}");
            for word in words.iter().map(|word| word.as_str().unwrap()) {
                let has = |text: &String| text.split(' ').any(|found| found == word);
                assert!(has(text) && texts.iter().any(|other| !has(other)), "{word}: {bucket}");
            }
        }
        seen.push(ids);
    }
    let sorted = |mut buckets: Vec<Vec<String>>| {
        buckets.iter_mut().for_each(|ids| ids.sort());
        buckets.sort();
        buckets
    };
    assert_eq!(sorted(seen), sorted(colliding));
    // An index that was made from the vectors of these texts knows nothing of the texts themselves.
    workspace.run("embed --items a.csv --out v.npy --device cpu --quiet");
    workspace.summary("tokenize --model wide --embeddings v.npy --out k.json --device cpu");
    assert_eq!(workspace.summary("edit k.json --explain --items a.csv"), found);
    assert!(workspace.error("edit k.json --explain --embeddings v.npy").contains("give --items"));
    // Other texts under the same ids explain nothing.
    let lines: String = (0..48).map(|item| format!("{item},{} game\n", title(item))).collect();
    workspace.write("wrong.csv", format!("id,title\n{lines}"));
    let error = workspace.error("edit i.json --explain --items wrong.csv");
    assert!(error.contains("items have another text in wrong.csv than i.json was made from"), "{error}");
}
