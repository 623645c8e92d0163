//! `unitok tokenize --append`: tokens that were published stay. Six days here, by the program; a year of 365 is in
//! tests/tokens/append.rs.

use serde_json::Value;

use unitok::text::TextEncoder;

use crate::workspace::{WIDTH, Workspace, stderr, text_model};
use crate::{rows, tiny};

const MODEL: &str = "--model model --device cpu";

/// A catalogue of 24 vectors in batches of days, `0.npy`, …, under the ids that [`Workspace::vectors`] gives all of them together.
fn workspace(days: usize) -> Workspace {
    let workspace = Workspace::new();
    let all: Vec<Vec<f32>> = rows(37).into_iter().step_by(2).take(18).collect();
    let a_day = all.len() / days;
    for (day, rows) in all.chunks(a_day).enumerate() {
        workspace.vectors(&format!("{day}.npy"), rows);
        let ids: Vec<String> = (0..rows.len()).map(|row| format!("item {}", day * a_day + row)).collect();
        workspace.write(&format!("{day}.npy.ids.txt"), ids.join("\n") + "\n");
    }
    workspace
}

/// Appends the days in an order, and returns index and lockfile.
fn appended(workspace: &Workspace, days: &[usize], name: &str) -> (Value, Vec<u8>) {
    workspace.summary(&format!("tokenize {MODEL} --embeddings {}.npy --out {name} --collisions assign", days[0]));
    for &day in &days[1..] {
        let before = workspace.json(name);
        let summary = workspace.summary(&format!("tokenize {MODEL} --embeddings {day}.npy --append {name}"));
        assert_eq!(summary["append"]["added"], 3, "{summary}");
        let after = workspace.json(name);
        assert!(before.as_object().unwrap().iter().all(|(id, tokens)| after[id] == *tokens), "no token moved");
        assert_eq!(workspace.run(&format!("audit {name} --max-collision 0 --quiet")).status.code(), Some(0), "no collision");
    }
    (workspace.json(name), std::fs::read(workspace.path(&format!("{name}.lock"))).unwrap())
}

#[test]
fn appends_in_any_order_are_valid_and_replay_bit_for_bit() {
    let workspace = workspace(6);
    let (index, lock) = appended(&workspace, &[0, 1, 2, 3, 4, 5], "i.json");
    assert_eq!(index.as_object().unwrap().len(), 18);
    let bytes = std::fs::read(workspace.path("i.json")).unwrap();
    let again = appended(&workspace, &[0, 1, 2, 3, 4, 5], "i.json");
    assert_eq!((&again.0, &again.1, std::fs::read(workspace.path("i.json")).unwrap()), (&index, &lock, bytes));
    let (other, _) = appended(&workspace, &[0, 4, 2, 5, 3, 1], "j.json");
    let ids = |index: &Value| index.as_object().unwrap().keys().cloned().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids(&other), ids(&index));
}

#[test]
fn what_is_known_is_passed_over_and_what_changed_keeps_its_tokens_unless_asked() {
    let workspace = workspace(6);
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out i.json"));
    let run = |options: &str| workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --append i.json {options}"));
    let counts =
        |summary: &Value| ["added", "unchanged", "changed", "retokenized"].map(|name| summary["append"][name].as_u64().unwrap());
    let (index, lock) = (workspace.json("i.json"), workspace.json("i.json.lock"));
    assert_eq!(counts(&run("")), [0, 3, 0, 0]);
    assert_eq!((workspace.json("i.json"), workspace.json("i.json.lock")), (index.clone(), lock.clone()), "nothing changed");
    // Item 1 becomes something else.
    let mut changed: Vec<Vec<f32>> = rows(37).into_iter().step_by(2).take(3).collect();
    changed[1] = rows(37)[21].clone();
    workspace.vectors("0.npy", &changed);
    assert_eq!(counts(&run("")), [0, 2, 1, 0]);
    assert_eq!((workspace.json("i.json"), workspace.json("i.json.lock")), (index.clone(), lock.clone()), "tokens stay");
    assert_eq!(counts(&run("--retokenize")), [0, 2, 0, 1]);
    let new = workspace.json("i.json");
    assert_ne!(new["item 1"], index["item 1"]);
    assert_eq!((&new["item 0"], &new["item 2"]), (&index["item 0"], &index["item 2"]));
    assert_eq!(counts(&run("--retokenize")), [0, 3, 0, 0]);
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out whole.json"));
    assert_eq!(workspace.json("whole.json"), new);
}

#[test]
fn other_forms_and_places_work_too() {
    let workspace = workspace(6);
    for (first, options, then) in [
        ("i.json", "--collisions suffix", "--out j.json"),
        (
            "i.parquet",
            "--layout expert-first --code-vocabulary per-expert --collisions assign",
            "--csv c.csv --added-tokens t.json",
        ),
        ("i.parquet", "--layout with-shared --collisions sinkhorn --beam 2", "--out j.parquet"),
    ] {
        workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out {first} {options}"));
        let summary = workspace.summary(&format!("tokenize {MODEL} --embeddings 1.npy --append {first} {then}"));
        assert_eq!((&summary["items"], &summary["unique_codewords"]), (&6.into(), &6.into()), "{summary}");
        let out = summary["out"].as_str().unwrap();
        let found = workspace.summary(&format!("diff {first} {out}"));
        assert_eq!((&found["moved"], &found["removed"], &found["differences"]), (&0.into(), &0.into(), &Value::Array(vec![])));
    }
    assert_eq!(std::fs::read_to_string(workspace.path("c.csv")).unwrap().lines().count(), 7);
    // An index without a lockfile is taken at its word.
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out i.json"));
    std::fs::remove_file(workspace.path("i.json.lock")).unwrap();
    let output = workspace.run(&format!("tokenize {MODEL} --embeddings 1.npy --append i.json --collisions keep"));
    assert!(stderr(&output).contains("i.json: no lockfile"), "{}", stderr(&output));
    assert_eq!(&workspace.json("i.json.lock")["fingerprints"].as_str().unwrap()[..24], "0".repeat(24), "nobody knows");
    let error = workspace.error(&format!("tokenize {MODEL} --embeddings 1.npy --append i.json --details d.jsonl"));
    assert!(error.contains("--details"), "{error}");
    let packed = workspace.path("i.json.gz");
    std::fs::copy(workspace.path("i.json"), packed).unwrap();
    let error = workspace.error(&format!("tokenize {MODEL} --embeddings 1.npy --append i.json.gz"));
    assert!(error.contains("cannot be written in place"), "{error}");
}

#[test]
fn a_tokenizer_with_an_expert_more_appends_to_what_it_was_before() {
    let workspace = workspace(6);
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out i.json --code-vocabulary per-expert"));
    let mut model = tiny::model(WIDTH);
    // An expert before the shared one, to which every item goes that is new.
    let quantizer = 2 * 4 * 4;
    model.codebooks.splice(2 * quantizer..2 * quantizer, (0..quantizer).map(|i| (i as f32).sin()));
    model.config.model.experts = 3;
    let router = model.router.as_mut().unwrap();
    router.weight.extend([0.0; 4]);
    router.bias.push(1e6);
    router.outputs = 3;
    workspace.model("wider", &model);
    let before = workspace.json("i.json");
    workspace.summary("tokenize --model wider --device cpu --embeddings 1.npy --append i.json");
    let after = workspace.json("i.json");
    assert!(before.as_object().unwrap().iter().all(|(id, tokens)| after[id] == *tokens), "no token moved");
    assert_eq!(after["item 3"][2], "<c_2>");
    assert_eq!(workspace.json("i.json.lock")["tokenizer"]["name"], "wider");
    let error = workspace.error(&format!("tokenize {MODEL} --embeddings 2.npy --append i.json"));
    assert!(error.contains("i.json was made with the tokenizer wider"), "{error}");
    model.codebooks[0] += 1.0;
    workspace.model("other", &model);
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out i.json"));
    assert!(workspace.error("tokenize --model other --embeddings 1.npy --append i.json").contains("the tokenizer model"));
}

#[test]
fn items_of_another_catalogue_with_the_same_ids_are_refused() {
    let workspace = workspace(6);
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out i.json"));
    let other: Vec<Vec<f32>> = rows(37).into_iter().skip(1).step_by(3).take(3).collect();
    workspace.vectors("0.npy", &other);
    let before = workspace.json("i.json");
    let append = format!("tokenize {MODEL} --embeddings 0.npy --append i.json");
    for options in ["", " --retokenize"] {
        let error = workspace.error(&format!("{append}{options}"));
        for words in ["3 of the 3 items that i.json knows have another text or vector", "«item 0» for one", "--same-items"] {
            assert!(error.contains(words), "{words}: {error}");
        }
    }
    assert_eq!(workspace.json("i.json"), before);
    assert_eq!(workspace.summary(&format!("{append} --same-items"))["append"]["changed"], 3);
    let counts = &workspace.summary(&format!("{append} --same-items --retokenize"))["append"];
    assert_eq!((&counts["retokenized"], &counts["fitting"]), (&1.into(), &2.into()), "two lead to the tokens that they have");
}

#[test]
fn an_empty_file_appends_nothing() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace.write("a.csv", "id,title\n1,green tea\n2,red tea\n");
    workspace.summary("tokenize --model wide --device cpu --items a.csv --out i.json");
    let before = ["i.json", "i.json.lock"].map(|name| std::fs::read(workspace.path(name)).unwrap());
    for (name, content) in [("b.csv", "id,title\n"), ("b.jsonl", ""), ("b.jsonl", "\n\n"), ("b.json", "[]")] {
        workspace.write(name, content);
        let append = format!("tokenize --model wide --device cpu --append i.json --items {name}");
        let output = workspace.run(&append);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        assert!(stderr(&output).contains("appended 0 items to 2"), "{name}: {}", stderr(&output));
        assert_eq!(before, ["i.json", "i.json.lock"].map(|name| std::fs::read(workspace.path(name)).unwrap()));
        let with_more = workspace.summary(&format!("{append} a.csv --out j.json"));
        assert_eq!((&with_more["append"]["added"], &with_more["append"]["unchanged"]), (&0.into(), &2.into()));
        let error = workspace.error(&format!("tokenize --model wide --device cpu --items {name} --out k.json"));
        assert!(error.contains(name), "an empty catalogue alone is an error: {error}");
    }
    // The same of vectors.
    workspace.run("embed --items a.csv --out v.safetensors --device cpu --quiet");
    workspace.summary("tokenize --model wide --device cpu --embeddings v.safetensors --out k.json");
    let mut header = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (0, 64), }".to_vec();
    header.resize(127, b' ');
    header.push(b'\n');
    workspace.write("e.npy", header);
    let output = workspace.run("tokenize --model wide --device cpu --embeddings e.npy --append k.json");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("appended 0 items to 2"), "{}", stderr(&output));
    assert!(!stderr(&output).contains("does not say which text model"), "none of no vectors: {}", stderr(&output));
    workspace.error("tokenize --model wide --device cpu --embeddings e.npy --out l.json");
    // What is no catalogue is not empty.
    workspace.write("b.jsonl", "tea\n");
    workspace.error("tokenize --model wide --device cpu --append i.json --items b.jsonl --skip-bad");
    assert_eq!(before, ["i.json", "i.json.lock"].map(|name| std::fs::read(workspace.path(name)).unwrap()));
}

#[test]
fn vectors_that_do_not_tell_their_text_model_are_named() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace.write("a.csv", "id,title\n1,green tea\n2,red tea\n");
    for name in ["v.safetensors", "w.npy"] {
        workspace.run(&format!("embed --items a.csv --out {name} --device cpu --quiet"));
    }
    workspace.summary("tokenize --model wide --device cpu --embeddings v.safetensors --out i.json");
    for (command, note) in [
        ("tokenize --model wide --device cpu --append i.json --embeddings w.npy", true),
        ("tokenize --model wide --device cpu --append i.json --embeddings v.safetensors", false),
        ("edit i.json --model wide --embeddings w.npy --reassign 1", true),
        ("audit i.json --embeddings w.npy", true),
        ("audit i.json --embeddings v.safetensors", false),
    ] {
        let said = stderr(&workspace.run(command));
        let words = "w.npy does not say which text model its vectors are from: they are taken to be from tiny (sha256 ";
        assert_eq!(said.matches(words).count(), usize::from(note), "{command}: {said}");
    }
}

#[test]
fn what_cannot_be_written_in_place_is_said_as_it_is() {
    let workspace = workspace(6);
    workspace.summary(&format!("tokenize {MODEL} --embeddings 0.npy --out i.parquet"));
    std::fs::copy(workspace.path("i.parquet"), workspace.path("p.json")).unwrap();
    std::fs::create_dir(workspace.path("folder.json")).unwrap();
    for (name, words) in [
        ("nope.json", "nope.json: there is no such file"),
        ("p.json", "its content is Parquet and its name has another ending"),
        ("folder.json", "is a folder"),
    ] {
        let error = workspace.error(&format!("tokenize {MODEL} --embeddings 1.npy --append {name}"));
        assert!(error.contains(words), "{name}: {error}");
    }
}

#[test]
fn items_that_an_index_has_with_a_prefix_are_not_new() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace.write("a.csv", "id,title\n1,green tea\n2,red tea\n");
    let run = "tokenize --model wide --device cpu --items a.csv";
    workspace.summary(&format!("{run} --prefix-ids --out i.json"));
    let error = workspace.error(&format!("{run} --append i.json"));
    for words in ["2 of the 2 items that i.json lacks", "«1» as «a/1»", "--prefix-ids"] {
        assert!(error.contains(words), "{words}: {error}");
    }
    assert_eq!(workspace.summary(&format!("{run} --append i.json --prefix-ids"))["append"]["unchanged"], 2);
    workspace.summary(&format!("{run} --out k.json"));
    let error = workspace.error(&format!("{run} --append k.json --prefix-ids"));
    for words in ["2 of the 2 items that k.json lacks", "«a/1» as «1»", "made without --prefix-ids, so leave that out"] {
        assert!(error.contains(words), "{words}: {error}");
    }
}
