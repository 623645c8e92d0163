//! Lockfiles: what is written beside an index, and that artefacts which do not belong together are refused by name.

use serde_json::{Value, json};
use unitok::model::{Model, Precision};
use unitok::text::TextEncoder;
use unitok::tokens::lock::sealed;

use crate::workspace::{Workspace, stderr, text_model};
use crate::{rows, tiny};

const CATALOGUE: &str = "id,title,brand\n1,green tea,acme\n2,red tea,acme\n3,black coffee,bean\n";

/// A workspace with the index `i.json` of the catalogue `a.csv`, made by the model `wide`, and the vectors `v.safetensors` of the
/// same items; `s.txt` has interactions.
fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace.write("a.csv", CATALOGUE);
    workspace.write("s.txt", "u 1 2 3 1 2\nv 3 2 1 3 1\n");
    workspace.summary("tokenize --model wide --items a.csv --out i.json --device cpu");
    workspace.run("embed --items a.csv --out v.safetensors --device cpu --quiet");
    workspace
}

/// Changes a JSON file; a lockfile gets the seal of what it says then.
pub fn edit(workspace: &Workspace, name: &str, change: impl FnOnce(&mut Value)) {
    let mut value = workspace.json(name);
    change(&mut value);
    workspace.write(name, if name.ends_with(".lock") { sealed(value) } else { value.to_string() });
}

#[test]
fn a_lockfile_says_what_an_index_was_made_of() {
    let workspace = workspace();
    let lock = workspace.json("i.json.lock");
    assert_eq!((&lock["format"], &lock["index"]["items"], &lock["index"]["width"]), (&2.into(), &3.into(), &3.into()));
    assert_eq!((&lock["tokenizer"]["name"], &lock["expert"]), (&"wide".into(), &3.into()));
    assert_eq!((&lock["layout"], &lock["policy"], &lock["beam"]), (&"expert-last".into(), &"keep".into(), &1.into()));
    assert_eq!((&lock["reads"], lock["fingerprints"].as_str().unwrap().len()), (&"texts".into(), 24));
    assert_eq!(lock["template"]["separator"], ". ");
    // The same artefacts give the same lockfile, an index in another form the same sums.
    workspace.summary("tokenize --model wide --items a.csv --out j.json --device cpu");
    assert_eq!(std::fs::read(workspace.path("i.json.lock")).unwrap(), std::fs::read(workspace.path("j.json.lock")).unwrap());
    workspace.summary("tokenize --model wide --items a.csv --out i.parquet --device cpu");
    assert_eq!(workspace.json("i.parquet.lock"), lock);
    for index in ["i.json", "i.parquet"] {
        assert_eq!(workspace.run(&format!("audit {index} --items a.csv --embeddings v.safetensors")).status.code(), Some(0));
    }
    assert_eq!(workspace.run("tokenize --model wide --items a.csv --out - --device cpu --quiet").status.code(), Some(0));
    assert!(!workspace.path("-.lock").exists(), "a pipe has no lockfile");
}

#[test]
fn the_digest_of_a_tokenizer_is_of_what_decides_codes() {
    let model = tiny::model(8);
    let mut other = model.clone();
    other.decoder[0].bias[0] += 1.0;
    other.config.domains[0] = "renamed".into();
    assert_eq!(model.digest(), other.digest(), "the decoder and names decide nothing");
    let changes: [fn(&mut Model); 4] = [
        |model| model.codebooks[0] += 1.0,
        |model| model.encoder[1].weight[0] += 1.0,
        |model| model.router.as_mut().unwrap().bias[0] += 1.0,
        |model| model.config.cooccurrence = Some(Default::default()),
    ];
    for change in changes {
        let mut other = model.clone();
        change(&mut other);
        assert_ne!(model.digest(), other.digest());
    }
}

/// A mismatch: what is done to the workspace, the command that must refuse it, and words of its message.
type Case = (&'static str, fn(&Workspace), &'static str, &'static [&'static str]);

const AUDIT: &str = "audit i.json --items a.csv";
const EDIT: &str = "edit i.json --model wide --items a.csv --device cpu --reassign 2";
const APPEND: &str = "tokenize --model wide --items a.csv --append i.json --out k.json --device cpu";

/// Changes the tokenizer `wide`.
fn edit_model(workspace: &Workspace, change: impl FnOnce(&mut Model)) {
    let mut model = Model::load(&workspace.path("wide")).unwrap();
    change(&mut model);
    workspace.write("wide/config.json", model.config.to_json());
    workspace.write("wide/model.safetensors", model.to_safetensors(Precision::F32));
}

/// Artefacts that were changed after the index was made from them.
const CHANGED: &[Case] = &[
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
        |w| w.write("i.json.lock", "4711\n"),
        AUDIT,
        &["i.json.lock is not a lockfile", "no format"],
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
        &["i.json was made with the kind of input vectors, a.csv with texts"],
    ),
];

#[test]
fn what_does_not_belong_together_is_refused_by_name() {
    for (what, change, command, words) in CHANGED {
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
fn an_append_is_made_as_the_index_was() {
    let workspace = workspace();
    workspace.write("t.json", r#"{"fields": ["title"], "separator": " "}"#);
    let run = |input: &str| format!("tokenize --model wide --append i.json --out k.json --device cpu {input}");
    for (input, words) in [
        ("--items a.csv --layout expert-first", "the layout expert-last, this run with expert-first"),
        ("--items a.csv --code-vocabulary per-expert", "the code vocabulary shared, this run with per-expert"),
        ("--items a.csv --collisions assign", "the collision policy keep, this run with assign"),
        ("--items a.csv --beam 2", "the beam 1, this run with 2"),
        ("--items a.csv --template t.json", "the template {\"fields\":[\"title\",\"brand\""),
        ("--embeddings v.safetensors", "the kind of input texts, this run with vectors: append what the index was made from"),
    ] {
        let error = workspace.error(&run(input));
        assert!(error.contains(&format!("i.json was made with {words}")), "{input}: {error}");
        assert!(!workspace.path("k.json").exists());
        if !input.contains("layout") {
            let ignored = workspace.run(&format!("{} --ignore-lock", run(input)));
            assert_eq!(ignored.status.code(), Some(0), "{input}: {}", stderr(&ignored));
            std::fs::remove_file(workspace.path("k.json")).unwrap();
        }
    }
    // Without a lockfile the tokens themselves tell the layout, and nobody the policy.
    std::fs::remove_file(workspace.path("i.json.lock")).unwrap();
    let error = workspace.error(&run("--items a.csv"));
    assert!(error.contains("i.json has no lockfile") && error.contains("restore i.json.lock, or say --collisions"), "{error}");
    let error = workspace.error(&run("--items a.csv --collisions keep --layout expert-first"));
    assert!(error.contains("item «1» has the token «<a_") && error.contains("have <a_0> to <a_1>"), "{error}");
    let error = workspace.error(&run("--items a.csv --collisions suffix"));
    assert!(error.contains("item «1» has no token at position 4"), "{error}");
    assert_eq!(workspace.run(&run("--items a.csv --collisions keep")).status.code(), Some(0));
}

#[test]
fn a_diff_tells_the_reason_of_each_move() {
    let workspace = workspace();
    workspace.write("b.csv", CATALOGUE.replace("red tea", "car"));
    let reasons = |options: &str| {
        workspace.summary(&format!("tokenize --model wide --out j.json --device cpu {options}"));
        let found = workspace.summary("diff i.json j.json --changes c.jsonl");
        let artefacts: Vec<String> =
            found["differences"].as_array().unwrap().iter().map(|d| d["artefact"].as_str().unwrap().into()).collect();
        let moved = |r: &Value| (r["reason"].as_str().unwrap().to_string(), r["moved"].as_u64().unwrap());
        (artefacts, found["reasons"].as_array().unwrap().iter().map(moved).collect::<Vec<_>>())
    };
    assert_eq!(reasons("--items a.csv"), (vec![], vec![]));
    assert_eq!(reasons("--items b.csv"), (vec![], vec![("text".into(), 1)]));
    let line: Value = serde_json::from_str(std::fs::read_to_string(workspace.path("c.jsonl")).unwrap().trim()).unwrap();
    assert_eq!((&line["id"], &line["reason"]), (&"2".into(), &"text".into()));
    let (artefacts, moved) = reasons("--items b.csv --layout expert-first --collisions suffix");
    assert_eq!(artefacts, ["layout", "collision policy"]);
    assert!(moved.contains(&("layout+collision policy+text".into(), 1)), "{moved:?}");
    std::fs::remove_file(workspace.path("j.json.lock")).unwrap();
    let found = workspace.summary("diff i.json j.json");
    assert_eq!((&found["reasons"], &found["differences"]), (&Value::Null, &Value::Null), "nobody knows");
}
