//! Lockfiles: what is written beside an index, and what goes by it.

mod artefacts;
mod mismatches;

use serde_json::Value;
use unitok::model::Model;
use unitok::text::TextEncoder;

use crate::tiny;
use crate::workspace::{Workspace, stderr, text_model};

pub const CATALOGUE: &str = "id,title,brand\n1,green tea,acme\n2,red tea,acme\n3,black coffee,bean\n";

/// A workspace with the index `i.json` of the catalogue `a.csv`, made by the model `wide`, and the vectors `v.safetensors` of the
/// same items; `s.txt` has interactions.
pub fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace.write("a.csv", CATALOGUE);
    workspace.write("s.txt", "u 1 2 3 1 2\nv 3 2 1 3 1\n");
    workspace.summary("tokenize --model wide --items a.csv --out i.json --device cpu");
    workspace.run("embed --items a.csv --out v.safetensors --device cpu --quiet");
    workspace
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

#[test]
fn an_append_is_made_as_the_index_was() {
    let workspace = workspace();
    workspace.write("t.json", r#"{"fields": ["title"], "separator": " "}"#);
    let run = |input: &str| format!("tokenize --model wide --append i.json --out k.json --device cpu {input}");
    for (input, words) in [
        ("--items a.csv --layout expert-first", "i.json was made with the layout expert-last, this run with expert-first"),
        (
            "--items a.csv --code-vocabulary per-expert",
            "i.json was made with the code vocabulary shared, this run with per-expert",
        ),
        ("--items a.csv --collisions assign", "i.json was made with the collision policy keep, this run with assign"),
        ("--items a.csv --beam 2", "i.json was made with the beam 1, this run with 2"),
        ("--items a.csv --template t.json", "i.json was made with the template {\"fields\":[\"title\",\"brand\""),
        (
            "--embeddings v.safetensors",
            "i.json was made from texts, but this run gives vectors: append what the index was made from",
        ),
    ] {
        let error = workspace.error(&run(input));
        assert!(error.contains(words), "{input}: {error}");
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
fn another_layout_brings_no_item_to_another_expert() {
    let workspace = workspace();
    workspace.summary("tokenize --model wide --items a.csv --out j.json --device cpu --layout expert-first");
    let left = |args: &str| {
        let found = workspace.summary(&format!("diff {args}"));
        assert_eq!(found["moved"], 3, "all tokens are others");
        found["experts"].as_array().unwrap().iter().map(|expert| expert["left"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!((left("i.json j.json"), left("j.json i.json")), (0, 0));
    let mut index = workspace.json("j.json");
    let expert = &mut index["2"][0];
    *expert = if expert == "<a_0>" { "<a_1>" } else { "<a_0>" }.into();
    workspace.write("j.json", index.to_string());
    assert_eq!(left("i.json j.json --ignore-lock"), 1);
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
