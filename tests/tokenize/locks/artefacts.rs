//! Artefacts that are not those that an index was made from: every command refuses them by name.

use serde_json::json;
use unitok::model::{Model, Precision};

use super::mismatches::{APPEND, AUDIT, Case, refused_unless_ignored};
use super::{CATALOGUE, workspace};
use crate::changed::edit;
use crate::rows;
use crate::workspace::{Workspace, stderr};

const EDIT: &str = "edit i.json --model wide --items a.csv --device cpu --reassign 2";

/// Changes the tokenizer `wide`.
fn edit_model(workspace: &Workspace, change: impl FnOnce(&mut Model)) {
    let mut model = Model::load(&workspace.path("wide")).unwrap();
    change(&mut model);
    workspace.write("wide/config.json", model.config.to_json());
    workspace.write("wide/model.safetensors", model.to_safetensors(Precision::F32));
}

/// What was changed after the index was made from it.
const CHANGED: &[Case] = &[
    (
        "the texts of the catalogue changed",
        |w| w.write("a.csv", CATALOGUE.replace("red", "blue")),
        AUDIT,
        &["1 of 3 items has another text in a.csv than i.json was made from, «2» for one", "--append"],
    ),
    (
        "the vectors are of another template",
        |w| {
            w.write("t.json", r#"{"fields": ["title"], "separator": " "}"#);
            w.run("embed --items a.csv --template t.json --out v.safetensors --force --device cpu --quiet");
        },
        "audit i.json --embeddings v.safetensors",
        &["i.json was made with the template", "v.safetensors with {\"fields\":[\"title\"]"],
    ),
    (
        "the vectors are of another text model",
        |w| edit(w, "i.json.lock", |l| l["text_model"]["sha256"] = json!("0123456789abcdef")),
        "audit i.json --embeddings v.safetensors",
        &["i.json was made with the text model", "(sha256 0123456789ab)", "v.safetensors with"],
    ),
    (
        "the interactions are others than the tokens know",
        |w| edit(w, "i.json.lock", |l| l["interactions"] = json!({"name": "earlier.txt", "sha256": "abc"})),
        "recommend evaluate --index i.json --sequences s.txt --recommender popularity",
        &["i.json was made with the interactions earlier.txt (sha256 abc), s.txt with s.txt", "may know what is tested on"],
    ),
    (
        "the tokenizer was trained on",
        |w| edit_model(w, |model| model.codebooks[0] += 1.0),
        APPEND,
        &["i.json was made with the tokenizer wide (sha256 ", "this run with wide (sha256 ", "give that tokenizer with --model"],
    ),
    (
        "the tokenizer has other settings",
        |w| edit_model(w, |model| model.config.cooccurrence = Some(Default::default())),
        APPEND,
        &["i.json was made with the tokenizer wide"],
    ),
    (
        "the tokenizer has another template",
        |w| edit_model(w, |model| model.config.text.template.separator = " / ".into()),
        APPEND,
        &["i.json was made with the template", "\"separator\":\" / \"", "leave out --template"],
    ),
    (
        "the text model is another",
        |w| edit(w, "i.json.lock", |l| l["text_model"] = json!({"name": "earlier", "sha256": "0123456789abcdef"})),
        APPEND,
        &["i.json was made with the text model earlier (sha256 0123456789ab), this run with tiny (sha256 ", "--text-model"],
    ),
    (
        "the vectors of the catalogue changed",
        |w| w.vectors("o.npy", &rows(37)[1..21]),
        "audit o.json --embeddings o.npy",
        &["20 of 20 items have another vector in o.npy than o.json was made from, «item 0» for one"],
    ),
    (
        "one vector changed",
        |w| {
            let mut changed = rows(20);
            changed[7][0] += 1e-6;
            w.vectors("o.npy", &changed);
        },
        "audit o.json --embeddings o.npy",
        &["1 of 20 items has another vector in o.npy", "«item 7»"],
    ),
    (
        "the interactions of an audit are others than the tokens know",
        |w| edit(w, "i.json.lock", |l| l["interactions"] = json!({"name": "earlier.txt", "sha256": "abc"})),
        "audit i.json --sequences s.txt",
        &["i.json was made with the interactions earlier.txt (sha256 abc), s.txt with s.txt"],
    ),
];

/// Mismatches that `unitok edit` finds: it goes by the lockfile, and has no way around it.
const EDITED: &[Case] = &[
    (
        "the index was changed",
        |w| edit(w, "i.json", |i| i["1"][0] = json!("<a_x>")),
        EDIT,
        &["i.json is not the index that i.json.lock was written with"],
    ),
    (
        "the tokenizer was trained on",
        |w| edit_model(w, |model| model.codebooks[0] += 1.0),
        EDIT,
        &["i.json was made with the tokenizer wide (sha256 ", "this run with wide (sha256 "],
    ),
    (
        "the texts changed",
        |w| w.write("a.csv", CATALOGUE.replace("red", "blue")),
        EDIT,
        &["1 of 3 items has another text in a.csv than i.json was made from, «2» for one"],
    ),
    (
        "the text model is another",
        |w| edit(w, "i.json.lock", |l| l["text_model"] = json!({"name": "earlier", "sha256": "0123456789abcdef"})),
        EDIT,
        &["i.json was made with the text model earlier (sha256 0123456789ab), a.csv with tiny (sha256 "],
    ),
    (
        "texts are no vectors",
        |w| edit(w, "i.json.lock", |l| l["reads"] = json!("vectors")),
        EDIT,
        &["i.json was made from vectors, but a.csv gives texts"],
    ),
];

#[test]
fn what_does_not_belong_together_is_refused_by_name() {
    CHANGED.iter().for_each(refused_unless_ignored);
}

#[test]
fn an_edit_goes_by_the_lockfile() {
    for (what, change, command, words) in EDITED {
        let workspace = workspace();
        assert_eq!(workspace.run(command).status.code(), Some(0), "{what}: it is no mismatch before");
        change(&workspace);
        let error = workspace.error(command);
        words.iter().for_each(|words| assert!(error.contains(words), "{what}: {words}: {error}"));
    }
}

#[test]
fn vectors_that_do_not_say_their_text_model_are_taken_to_be_of_the_one_before() {
    let workspace = workspace();
    workspace.run("embed --items a.csv --out plain.npy --device cpu --quiet");
    let run = |vectors: &str| format!("tokenize --model wide --device cpu --embeddings {vectors} --out o.json");
    workspace.summary(&run("v.safetensors"));
    let before = workspace.json("o.json.lock");
    assert!(before["text_model"].is_object() && before["template"].is_object());
    for option in ["", "--no-replace"] {
        let output = workspace.run(&format!("{} {option}", run("plain.npy")));
        let said = stderr(&output);
        assert!(
            said.contains("plain.npy does not say which text model its vectors are from: they are taken to be from"),
            "{said}"
        );
        assert_eq!(workspace.json("o.json.lock"), before);
    }
    // Tokens that mean something else are of other vectors.
    workspace.summary(&format!("{} --layout expert-first", run("plain.npy")));
    assert!(workspace.json("o.json.lock")["text_model"].is_null());
}
