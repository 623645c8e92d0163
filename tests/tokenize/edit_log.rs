//! The log of edits: it is of one index, and what a killed run has left of it is found.

use std::fs;

use serde_json::{Value, json};

use crate::rows;
use crate::workspace::{Workspace, stderr};

const EDIT: &str = "edit i.json --model model --embeddings v.npy --out i.json --log e.jsonl";

/// A workspace with `i.json` of 16 vectors and its copy `first.json`; and the log `e.jsonl` of two runs.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(16));
    workspace.write("v.npy.ids.txt", (0..16).map(|i| format!("item_{i}\n")).collect::<String>());
    workspace.summary("tokenize --model model --device cpu --embeddings v.npy --out i.json");
    for ending in ["", ".lock"] {
        fs::copy(workspace.path(&format!("i.json{ending}")), workspace.path(&format!("first.json{ending}"))).unwrap();
    }
    workspace.summary(&format!("{EDIT} --reassign item_1 --pin item_2"));
    workspace.summary(&format!("{EDIT} --remove item_3 --split item_0"));
    workspace
}

fn read(workspace: &Workspace, name: &str) -> Vec<u8> {
    fs::read(workspace.path(name)).unwrap()
}

/// Changes a line of the log, counted from 0.
fn change(workspace: &Workspace, line: usize, change: impl FnOnce(&mut Value)) {
    let text = fs::read_to_string(workspace.path("e.jsonl")).unwrap();
    let mut lines: Vec<String> = text.lines().map(Into::into).collect();
    let mut value = serde_json::from_str(&lines[line]).unwrap();
    change(&mut value);
    lines[line] = value.to_string();
    workspace.write("e.jsonl", lines.join("\n") + "\n");
}

#[test]
fn a_log_is_of_one_index_and_goes_on_where_it_ended() {
    let workspace = workspace();
    workspace.summary("edit first.json --replay e.jsonl --out again.json");
    for ending in ["json", "json.lock"] {
        assert_eq!(read(&workspace, &format!("again.{ending}")), read(&workspace, &format!("i.{ending}")));
    }
    // Something is appended in between: that is in no log.
    workspace.vectors("w.npy", &rows(18)[16..]);
    workspace.write("w.npy.ids.txt", "item_16\nitem_17\n");
    workspace.summary("tokenize --model model --device cpu --embeddings w.npy --append i.json");
    let log = read(&workspace, "e.jsonl");
    let error = workspace.error("edit i.json --pin item_16 --out i.json --log e.jsonl");
    let said = ["e.jsonl ends with 15 items (sha256 ", "i.json has 17 items (sha256 ", "give --log another file"];
    assert!(said.iter().all(|words| error.contains(words)), "{error}");
    let error = workspace.error("edit i.json --replay e.jsonl --out j.json");
    let said = ["e.jsonl begins with 16 items (sha256 ", "i.json has 17 items", "on the index that it was begun with"];
    assert!(said.iter().all(|words| error.contains(words)), "{error}");
    assert_eq!(read(&workspace, "e.jsonl"), log);
    assert!(!workspace.path("j.json").exists());
    workspace.summary("edit i.json --pin item_16 --out i.json --log other.jsonl");
    // Pins belong to what a log begins with: it moves no item that was pinned since.
    workspace.summary("edit first.json --pin item_1 --out first.json --log pins.jsonl");
    let error = workspace.error("edit first.json --replay e.jsonl --out j.json");
    assert!(error.contains("e.jsonl begins with 16 items") && error.contains("first.json has 16 items"), "{error}");
}

#[test]
fn a_log_that_was_changed_is_refused_by_its_line() {
    let moved = 1;
    type Change = fn(&mut Value);
    let cases: [(usize, Change, &str); 6] = [
        (moved, |edit| edit["moved"][0]["before"][0] = json!("<a_9>"), "e.jsonl, line 2: it takes «item_1» from <a_9>"),
        (moved, |edit| edit["moved"][0]["after"][0] = json!("<a_9>"), "e.jsonl, line 1: the edits after it lead to 16 items"),
        (moved, |edit| edit["moved"][0]["after"] = json!(["<a_1>"]), "e.jsonl, line 2: it gives «item_1» 1 token, and"),
        (moved, |edit| edit["sharing"] = json!(7), "e.jsonl, line 2: «item_1» shares its tokens with 0 other items"),
        (3, |head| head["from"]["items"] = json!(9), "e.jsonl, line 4: it begins with 9 items"),
        (3, |head| head["edits"] = json!(3), "e.jsonl, line 4: 1 of the edits after it are missing"),
    ];
    for (line, how, words) in cases {
        let workspace = workspace();
        change(&workspace, line, how);
        let error = workspace.error("edit first.json --replay e.jsonl --out j.json");
        assert!(error.contains(words), "{words}: {error}");
        assert!(!workspace.path("j.json").exists());
    }
    let workspace = workspace();
    let log = fs::read_to_string(workspace.path("e.jsonl")).unwrap();
    workspace.write("e.jsonl", log.split_once('\n').unwrap().1);
    let error = workspace.error("edit first.json --replay e.jsonl");
    assert!(error.contains("e.jsonl, line 1: an edit without the line before it"), "{error}");
    // What moves an item that the same log has pinned.
    let pinned = log.replacen("{\"edit\":\"pin\",\"item\":\"item_2\"", "{\"edit\":\"pin\",\"item\":\"item_1\"", 1);
    let order: Vec<&str> = pinned.lines().collect();
    workspace.write("e.jsonl", [order[0], order[2], order[1]].join("\n"));
    let first = workspace.json("first.json");
    let sharing = first.as_object().unwrap().values().filter(|tokens| **tokens == first["item_1"]).count() - 1;
    change(&workspace, 1, |edit| edit["sharing"] = json!(sharing));
    let error = workspace.error("edit first.json --replay e.jsonl");
    assert!(error.contains("e.jsonl, line 3: item «item_1» is pinned"), "{error}");
}

#[test]
fn what_a_killed_run_has_left_is_completed_once_the_index_was_written_and_nothing_before() {
    let workspace = workspace();
    let [index, lock, log] = ["i.json", "i.json.lock", "e.jsonl"].map(|name| read(&workspace, name));
    workspace.summary(&format!("{EDIT} --remove item_5"));
    let after = ["i.json", "i.json.lock", "e.jsonl"].map(|name| read(&workspace, name));
    let drafts = [".i.json.aB3dE6.partial", ".i.json.lock.aB3dE6.partial", ".e.jsonl.aB3dE6.partial"];
    // How many of the three had their names when the run ended.
    for done in 0..3 {
        for (place, name) in ["i.json", "i.json.lock", "e.jsonl"].into_iter().enumerate() {
            workspace.write(name, [&index, &lock, &log][place]);
            workspace.write(if place < done { name } else { drafts[place] }, &after[place]);
        }
        let output = workspace.run(&format!("{EDIT} --pin item_6"));
        assert_eq!(output.status.code(), Some(0), "{done}: {}", stderr(&output));
        let said = stderr(&output).contains("a run was ended after it had written i.json; its edits are in the log now");
        assert_eq!(said, done > 0, "{done}: {}", stderr(&output));
        let removed = workspace.json("i.json").get("item_5").is_none();
        assert_eq!(removed, done > 0, "{done}");
        assert!(drafts.iter().all(|draft| !workspace.path(draft).exists()), "{done}: nothing is left");
        workspace.summary("edit first.json --replay e.jsonl --out again.json");
        for ending in ["json", "json.lock"] {
            assert_eq!(read(&workspace, &format!("again.{ending}")), read(&workspace, &format!("i.{ending}")), "{done}");
        }
    }
}

#[test]
fn the_log_of_a_killed_run_stays_where_the_index_was_changed_since() {
    let workspace = workspace();
    let [index, lock, log] = ["i.json", "i.json.lock", "e.jsonl"].map(|name| read(&workspace, name));
    workspace.summary(&format!("{EDIT} --remove item_5"));
    let after = read(&workspace, "e.jsonl");
    let draft = ".e.jsonl.aB3dE6.partial";
    workspace.vectors("w.npy", &rows(18)[16..]);
    workspace.write("w.npy.ids.txt", "item_16\nitem_17\n");
    let append = "tokenize --model model --device cpu --embeddings w.npy --append i.json";
    // The log that it goes on with was there before, or is its first; something is appended before the next edit.
    for (earlier, left) in [(Some(log.as_slice()), &after[..]), (None, &after[log.len()..])] {
        workspace.write(draft, left);
        match earlier {
            Some(log) => workspace.write("e.jsonl", log),
            None => fs::remove_file(workspace.path("e.jsonl")).unwrap(),
        }
        workspace.summary(append);
        let error = workspace.error(&format!("{EDIT} --pin item_6"));
        for words in [draft, "i.json was changed since", "rename it to e.jsonl if they were, otherwise remove it"] {
            assert!(error.contains(words), "{words}: {error}");
        }
        assert_eq!(read(&workspace, draft), left, "it stays");
        // An index that cannot be read tells nothing.
        let changed = read(&workspace, "i.json");
        workspace.write("i.json", "{");
        assert!(workspace.error(&format!("{EDIT} --pin item_6")).contains("i.json"));
        assert_eq!(read(&workspace, draft), left, "it stays");
        workspace.write("i.json", changed);
        // Before it had written the index, it had done nothing.
        workspace.write("i.json", &index);
        workspace.write("i.json.lock", &lock);
        workspace.summary(&format!("{EDIT} --pin item_6"));
        assert!(!workspace.path(draft).exists());
        workspace.write("i.json", &index);
        workspace.write("i.json.lock", &lock);
    }
}
