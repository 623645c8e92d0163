//! The folder of a hand-over: one run at a time, nothing of killed ones, and language models that have item tokens already.

use std::fs;

use serde_json::Value;
use unitok::base::files::Lock;

use crate::rows;
use crate::workspace::{Workspace, text_model};

/// A workspace with the index `i.json` of five items of one vector, whose codewords end with the suffixes 0 to 4.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    index(&workspace, 5);
    workspace
}

/// Tokenizes `count` items of one vector; appends those that are new.
fn index(workspace: &Workspace, count: usize) {
    workspace.vectors("v.npy", &vec![rows(1)[0].clone(); count]);
    let place = if workspace.path("i.json").exists() { "--append" } else { "--collisions suffix --out" };
    workspace.summary(&format!("tokenize --model model --embeddings v.npy {place} i.json --device cpu"));
}

fn names(workspace: &Workspace, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(workspace.path(folder)).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn drafts_of_killed_exports_go_and_other_files_stay() {
    let workspace = workspace();
    fs::create_dir(workspace.path("out")).unwrap();
    let drafts = ["trie.npz", "ids.json", "added_tokens.json", "embeddings.safetensors", "items.gin"];
    let others = [".notes.aB3dE6.partial", ".trie.npz.partial", "trie.npz.aB3dE6.partial", "model.bin"];
    drafts.iter().for_each(|name| workspace.write(&format!("out/.{name}.aB3dE6.partial"), "half"));
    others.iter().for_each(|name| workspace.write(&format!("out/{name}"), "mine"));
    workspace.write("out/.partial", "");
    workspace.summary("export i.json --for trie --out out");
    let mut expected = [&others[..], &["added_tokens.json", "ids.json", "trie.npz"]].concat();
    expected.sort_unstable();
    assert_eq!(names(&workspace, "out"), expected);
}

#[test]
fn two_exports_do_not_write_into_one_folder() {
    let workspace = workspace();
    workspace.summary("export i.json --for trie --out out");
    let claim = Lock::of_folder(&workspace.path("out")).unwrap();
    let error = workspace.error("export i.json --for trie --out out");
    assert!(error.contains("another run") && error.contains("is writing out"), "{error}");
    drop(claim);
    workspace.summary("export i.json --for trie --out out");
    assert_eq!(names(&workspace, "out"), ["added_tokens.json", "ids.json", "trie.npz"]);
}

#[test]
fn an_export_goes_on_with_the_language_model_of_an_earlier_one() {
    let workspace = workspace();
    let base = text_model().join("tokenizer.json").display().to_string();
    workspace.summary(&format!("export i.json --for hf --base {base} --out first"));
    index(&workspace, 12);
    // From the language model as it was before, and as the first export left it: the same.
    workspace.summary(&format!("export i.json --for hf --base {base} --after first --out expected"));
    let error = workspace.error("export i.json --for hf --base first --out second");
    assert!(error.contains("has the token <a_0> already") && error.contains("--after"), "{error}");
    let summary = workspace.summary("export i.json --for hf --base first --after first --out second");
    assert_eq!(summary["files"].as_array().unwrap().len(), names(&workspace, "second").len());
    for file in ["tokenizer.json", "added_tokens.json"] {
        assert_eq!(workspace.json(&format!("second/{file}")), workspace.json(&format!("expected/{file}")), "{file}");
    }
    // Once more, with nothing new, and from a language model that is an export behind.
    for base in ["second", "first"] {
        workspace.summary(&format!("export i.json --for hf --base {base} --after second --out third"));
        assert_eq!(workspace.json("third/tokenizer.json"), workspace.json("expected/tokenizer.json"));
    }
}

#[test]
fn a_language_model_with_other_numbers_is_not_gone_on_with() {
    let workspace = workspace();
    let base = text_model().join("tokenizer.json").display().to_string();
    workspace.summary(&format!("export i.json --for hf --base {base} --out first"));
    index(&workspace, 12);
    let change = |change: fn(&mut Vec<Value>)| {
        fs::create_dir_all(workspace.path("other")).unwrap();
        let mut tokenizer = workspace.json("first/tokenizer.json");
        change(tokenizer["added_tokens"].as_array_mut().unwrap());
        workspace.write("other/tokenizer.json", tokenizer.to_string());
        workspace.error("export i.json --for hf --base other --after first --out second")
    };
    let error = change(|added| {
        let last = added.len() - 1;
        let content = added[last]["content"].take();
        added[last]["content"] = std::mem::replace(&mut added[last - 1]["content"], content);
    });
    assert!(error.contains("first/added_tokens.json: <d_3> has the number"), "{error}");
    let error = change(|added| {
        let mut word = added.last().unwrap().clone();
        (word["id"], word["content"]) = ((word["id"].as_u64().unwrap() + 1).into(), "<word>".into());
        added.push(word);
    });
    assert!(error.contains("another token has the number") && error.contains("of <d_10>"), "{error}");
    assert!(!workspace.path("second").exists());
}
