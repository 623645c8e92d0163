//! Pinned items keep their tokens, even where a catalogue is tokenized anew; and items without ids are nobody's.

use serde_json::{Value, json};

use crate::rows;
use crate::tiny;
use crate::workspace::{WIDTH, Workspace, stderr};

const TOKENIZE: &str = "tokenize --model model --device cpu --embeddings v.npy --out i.json";

/// Writes the vectors `name` under the ids `items`, each of the row of that number unless `other` gives another.
fn vectors(workspace: &Workspace, name: &str, items: &[usize], other: impl Fn(usize) -> Option<usize>) {
    let all = rows(37);
    let values: Vec<Vec<f32>> = items.iter().map(|&item| all[other(item).unwrap_or(item)].clone()).collect();
    workspace.vectors(name, &values);
    workspace.write(&format!("{name}.ids.txt"), items.iter().map(|item| format!("item_{item}\n")).collect::<String>());
}

/// A workspace with `i.json` of twelve vectors, of which items 2 and 9 are pinned away from their nearest codes.
fn workspace(options: &str) -> (Workspace, Value) {
    let workspace = Workspace::new();
    vectors(&workspace, "v.npy", &(0..12).collect::<Vec<_>>(), |_| None);
    workspace.summary(&format!("{TOKENIZE} {options}"));
    let edit = "edit i.json --model model --device cpu --embeddings v.npy --out i.json --log e.jsonl";
    let moves = if options.contains("suffix") { "" } else { "--reassign item_2 --reassign item_9" };
    workspace.summary(&format!("{edit} {moves} --pin item_9 --pin item_2"));
    let index = workspace.json("i.json");
    (workspace, index)
}

#[test]
fn a_catalogue_that_is_tokenized_anew_keeps_pins_and_their_tokens() {
    for options in
        ["--collisions assign", "--collisions keep", "--collisions suffix", "--collisions sinkhorn --layout expert-first"]
    {
        let (workspace, before) = workspace(options);
        // Items come in another order, some are new, 2 has another vector, and 9 is gone.
        vectors(&workspace, "v.npy", &[5, 14, 2, 0, 13, 1, 7], |item| (item == 2).then_some(20));
        let output = workspace.run(&format!("{TOKENIZE} {options}"));
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        for words in ["kept the tokens of 1 pinned item", "not what their tokens were made from («item_2»)", "gone («item_9»)"]
        {
            assert!(said.contains(words), "{words}: {said}");
        }
        let (index, lock) = (workspace.json("i.json"), workspace.json("i.json.lock"));
        let ids: Vec<&String> = index.as_object().unwrap().keys().collect();
        assert_eq!(ids, ["item_5", "item_14", "item_2", "item_0", "item_13", "item_1", "item_7"], "the order of the input");
        assert_eq!((&index["item_2"], &lock["pinned"]), (&before["item_2"], &json!(["item_2"])), "{options}");
        assert_eq!(workspace.run("audit i.json --quiet").status.code(), Some(0), "the lockfile fits");
        if !options.contains("keep") {
            assert_eq!(workspace.run("audit i.json --quiet --max-collision 0").status.code(), Some(0), "{options}");
        }
        // The fingerprint is of what the tokens were made from: the change is said again.
        let again = workspace.summary(&format!("{TOKENIZE} {options}"));
        assert_eq!(again["pinned"], json!({ "kept": 1, "changed": ["item_2"], "gone": [] }));
        assert_eq!((workspace.json("i.json"), workspace.json("i.json.lock")), (index, lock), "bit for bit");
    }
}

#[test]
fn pins_that_cannot_stay_are_not_dropped_in_silence() {
    let (workspace, before) = workspace("--collisions assign");
    let mut trained = tiny::model(WIDTH);
    trained.codebooks[0] += 1.0;
    workspace.model("trained", &trained);
    for (command, words) in [
        (TOKENIZE.replace("--model model", "--model trained"), "i.json was made with the tokenizer model (sha256 "),
        (format!("{TOKENIZE} --layout expert-first"), "the layout expert-last, this run with expert-first"),
        (format!("{TOKENIZE} --collisions suffix"), "the collision policy assign, this run with suffix"),
        (format!("{TOKENIZE} --details d.jsonl"), "leave out --details"),
    ] {
        let error = workspace.error(&command);
        assert!(error.contains(words), "{command}: {error}");
        assert!(error.contains("pinned items") && error.contains("another --out"), "{command}: {error}");
        assert_eq!(workspace.json("i.json"), before);
    }
    assert_eq!(workspace.run(&format!("{TOKENIZE} --beam 2 --collisions keep")).status.code(), Some(0), "tokens can stay");
    assert_eq!(workspace.json("i.json")["item_2"], before["item_2"]);
}

#[test]
fn items_without_ids_are_not_appended() {
    let (workspace, before) = workspace("--collisions assign");
    workspace.vectors("w.npy", &rows(3));
    std::fs::remove_file(workspace.path("w.npy.ids.txt")).unwrap();
    let error = workspace.error("tokenize --model model --device cpu --embeddings w.npy --append i.json");
    assert!(error.contains("w.npy has no ids") && error.contains("FILE.npy.ids.txt"), "{error}");
    workspace.model("wide", &tiny::model(unitok::text::TextEncoder::load(&crate::workspace::text_model()).unwrap().width()));
    workspace.write("a.csv", "title\ntea\ncoffee\n");
    workspace.summary("tokenize --model wide --device cpu --items a.csv --number-items --out j.json");
    let error = workspace.error("tokenize --model wide --device cpu --items a.csv --number-items --append j.json");
    assert!(
        error.contains("--number-items numbers items by their places")
            && error.contains("leave it out, and give every item its id"),
        "{error}"
    );
    assert_eq!(workspace.json("i.json"), before);
}
