//! `--interactions`: models that read what users did, and those that do not.

use serde_json::Value;
use unitok::model::Cooccurrence;

use super::made_up::histories;
use super::workspace::{WIDTH, Workspace, stderr};
use super::{rows, tiny};

const TOKENIZE: &str = "tokenize --model reads --embeddings v.npy --device cpu";

/// A workspace with sixty vectors, and a model in `reads` that reads interactions too.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    let mut model = tiny::model(WIDTH);
    model.config.cooccurrence = Some(Cooccurrence { weight: 2.0, dimensions: 6, window: 3 });
    workspace.model("reads", &model);
    workspace.vectors("v.npy", &rows(60));
    workspace
}

fn index(workspace: &Workspace, interactions: &str) -> Value {
    let output = workspace.run(&format!("{TOKENIZE} {interactions} --out i.json"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    workspace.json("i.json")
}

#[test]
fn tokens_tell_the_training_interactions_and_not_those_held_out() {
    let workspace = workspace();
    for (name, changed) in [("all", None), ("tested", Some(7)), ("validated", Some(6)), ("trained", Some(5))] {
        workspace.write(&format!("{name}.json"), histories(40, changed));
    }
    let with = |name: &str| index(&workspace, &format!("--interactions {name}.json"));
    let (texts, all) = (index(&workspace, ""), with("all"));
    assert_ne!(texts, all);
    assert_eq!(all, with("tested"));
    assert_eq!(all, with("validated"));
    assert_ne!(all, with("trained"));
    // Nobody took the last twenty items.
    assert!((40..60).map(|i| format!("item {i}")).all(|id| texts[&id] == all[&id]));
}

#[test]
fn a_model_that_reads_interactions_says_what_it_goes_without() {
    let workspace = workspace();
    let without = stderr(&workspace.run(&format!("{TOKENIZE} --out i.json")));
    assert!(without.contains("without --interactions, its tokens say less"), "{without}");
    workspace.write("all.json", histories(40, None));
    let with = stderr(&workspace.run(&format!("{TOKENIZE} --out i.json --interactions all.json")));
    assert!(with.contains("40 of 60 items have a history") && !with.contains("say less"), "{with}");
}

#[test]
fn interactions_that_cannot_be_used_are_refused() {
    let workspace = workspace();
    workspace.write("all.json", histories(40, None));
    workspace.write("strangers.json", r#"{"u": ["item 1", "x", "y", "z", "item 2"]}"#);
    let texts_alone = "tokenize --model model --embeddings v.npy --device cpu --interactions all.json --out i.json";
    for (args, says) in [
        (texts_alone.to_string(), "this tokenizer reads texts alone: leave out --interactions"),
        (format!("{TOKENIZE} --interactions none.json --out i.json"), "none.json"),
        (format!("{TOKENIZE} --interactions strangers.json --out i.json"), "no two of the items are near each other"),
    ] {
        let message = workspace.error(&args);
        assert!(message.contains(says), "{args}: {message}");
        assert!(!workspace.path("i.json").exists());
    }
}
