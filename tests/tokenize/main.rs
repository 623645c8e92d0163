//! `unitok tokenize` and `unitok info` as programs: the outputs and exit codes that scripts rely on.

mod append;
mod changed;
mod edit;
mod edit_log;
#[path = "../hostile/files.rs"]
mod files;
mod handover;
mod handover_folder;
mod histories;
#[cfg(target_arch = "x86_64")]
mod instruction_sets;
mod interrupted;
#[cfg(feature = "train")]
mod locks;
#[path = "../common/histories.rs"]
mod made_up;
mod overrides;
mod pins;
#[cfg(target_os = "linux")]
mod process;
mod retired;
#[path = "../common/model.rs"]
mod tiny;
mod vectors;
mod workspace;
mod written_over;

use serde_json::Value;
use unitok::engine::Want;
use unitok::engine::cpu::CpuEngine;
use unitok::text::TextEncoder;
use workspace::{WIDTH, Workspace, text_model};

/// Embeddings in a few tight clusters, so that some items collide.
fn rows(count: usize) -> Vec<Vec<f32>> {
    let value = |i: usize, d: usize| ((i % 37 * 7 + d * 13) % 11) as f32 - 5.0 + 0.01 * (i / 37) as f32;
    (0..count).map(|i| (0..WIDTH).map(|d| value(i, d)).collect()).collect()
}

#[test]
fn an_index_holds_the_codes_of_the_engine() {
    let workspace = Workspace::new();
    let rows = rows(100);
    workspace.vectors("v.npy", &rows);
    let summary = workspace.summary(
        "tokenize --model model --embeddings v.npy --out index.json --device cpu --details d.jsonl --csv i.csv --added-tokens t.json --first-token 100",
    );
    let tokens = CpuEngine::new(&tiny::model(WIDTH))
        .run(&rows.concat(), Want { latents: true, reconstruction: true, margins: true, residual_norms: true })
        .unwrap();
    let index = workspace.json("index.json");
    assert_eq!(index.as_object().unwrap().len(), 100);
    for item in 0..100 {
        let (codes, expert) = (tokens.codes_of(item, 0), tokens.experts_of(item)[0]);
        let expected = [format!("<a_{}>", codes[0]), format!("<b_{}>", codes[1]), format!("<c_{expert}>")];
        assert_eq!(index[format!("item {item}")], serde_json::json!(expected));
    }
    assert_eq!((summary["items"].as_u64(), summary["engine"]["kind"].as_str()), (Some(100), Some("cpu")));
    let unique: std::collections::HashSet<String> = index.as_object().unwrap().values().map(ToString::to_string).collect();
    assert_eq!(summary["unique_codewords"], unique.len());
    let details = std::fs::read_to_string(workspace.path("d.jsonl")).unwrap();
    let last: Value = serde_json::from_str(details.lines().last().unwrap()).unwrap();
    assert_eq!((details.lines().count(), last["id"].as_str()), (100, Some("item 99")));
    assert_eq!(last["codes"][1], serde_json::json!(tokens.codes_of(99, 1)));
    assert_eq!(last["reconstruction_error"].as_f64().unwrap() as f32, tokens.reconstruction.as_ref().unwrap()[99]);
    let csv = std::fs::read_to_string(workspace.path("i.csv")).unwrap();
    assert!(csv.starts_with("item,token_1,token_2,token_3\nitem 0,<a_") && csv.lines().count() == 101);
    // Four codes at two levels and two experts.
    let added = workspace.json("t.json");
    assert_eq!((added.as_object().unwrap().len(), added["<a_0>"].as_u64()), (10, Some(100)));
}

#[test]
fn beam_search_finds_chains_with_no_more_error() {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(200));
    // With two levels of four codes, a beam of 16 follows every chain, so no other chain is better.
    let residual_norms = |beam: u32| {
        workspace.summary(&format!("tokenize --model model --embeddings v.npy --out i.json --details d.jsonl --beam {beam}"));
        let details = std::fs::read_to_string(workspace.path("d.jsonl")).unwrap();
        let last = |line: &str| {
            let item: Value = serde_json::from_str(line).unwrap();
            item["residual_norms"].as_array().unwrap().iter().map(|norms| norms[1].as_f64().unwrap()).collect::<Vec<f64>>()
        };
        details.lines().flat_map(last).collect::<Vec<f64>>()
    };
    let (greedy, all) = (residual_norms(1), residual_norms(16));
    assert_eq!(greedy.len(), all.len());
    assert!(greedy.iter().zip(&all).all(|(greedy, all)| *all <= greedy + 1e-5), "{greedy:?}\n{all:?}");
    let error = workspace.error("tokenize --model model --embeddings v.npy --out i.json --beam 5 --device gpu");
    assert!(error.contains("--beam 5 runs on the CPU"), "{error}");
}

#[test]
fn policies_and_layouts_shape_the_index() {
    let workspace = Workspace::new();
    workspace.vectors("v.safetensors", &rows(40));
    let run = |options: &str| {
        workspace.summary(&format!("tokenize --model model --embeddings v.safetensors --out i.json --device cpu {options}"))
    };
    let keep = run("");
    assert!(keep["unique_codewords"].as_u64().unwrap() < 40, "the test needs collisions: {keep}");
    assert_eq!(run("--collisions suffix")["unique_codewords"], 40);
    assert_eq!(workspace.json("i.json")["item 0"].as_array().unwrap().len(), 4, "two codes, the expert and the suffix");
    let assigned = run("--collisions assign");
    assert!(assigned["unique_codewords"].as_u64() > keep["unique_codewords"].as_u64());
    assert!(assigned["collisions"]["q_after"].as_f64() >= assigned["collisions"]["q_before"].as_f64());
    run("--collisions sinkhorn");
    run("--layout expert-first");
    assert!(workspace.json("i.json")["item 0"][0].as_str().unwrap().starts_with("<a_"));
    run("--layout with-shared --code-vocabulary per-expert");
    assert_eq!(workspace.json("i.json")["item 0"].as_array().unwrap().len(), 5);
    assert!(
        workspace.error("tokenize --model model --embeddings v.safetensors --out i.json --collisions magic").contains("magic")
    );
}

#[test]
fn items_are_embedded_and_tokenized_with_the_models_template() {
    let workspace = Workspace::new();
    let encoder = TextEncoder::load(&text_model()).unwrap();
    let mut model = tiny::model(encoder.width());
    model.config.text.template.separator = " / ".into();
    workspace.model("wide", &model);
    workspace.write("a.csv", "asin,title,brand\nB1,green tea,acme\n=2,red tea,\nB3,,\n");
    let summary = workspace.summary("tokenize --model wide --items a.csv --out i.json --csv c.csv --device cpu");
    let vectors = encoder.embed(&["green tea / acme", "red tea"]);
    let tokens = CpuEngine::new(&model).run(&vectors, Want::default()).unwrap();
    let index = workspace.json("i.json");
    assert_eq!(index.as_object().unwrap().keys().collect::<Vec<_>>(), ["B1", "=2"], "the index keeps ids as they are");
    assert_eq!(index["B1"][0], format!("<a_{}>", tokens.codes_of(0, 0)[0]));
    assert!(std::fs::read_to_string(workspace.path("c.csv")).unwrap().contains("'=2,"), "the CSV escapes formulas");
    assert_eq!((summary["input"]["without_text"].as_u64(), summary["items"].as_u64()), (Some(1), Some(2)));
    assert_eq!(workspace.summary("tokenize --model wide --items a.csv --out i.json --no-text placeholder")["items"], 3);
    assert!(
        workspace.error("tokenize --model wide --items a.csv --out i.json --no-text stop").contains("item \"B3\" has no text")
    );
    assert!(workspace.error("tokenize --model model --items a.csv --out i.json").contains("vectors of width"));
}

#[test]
fn catalogues_with_the_same_ids_are_kept_apart() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace.write("a.csv", "id,title\n1,green tea\n2,tea\n");
    workspace.write("b.csv", "id,title\n1,red tea\n");
    let run = "tokenize --model wide --items a.csv b.csv --out i.json";
    assert!(workspace.error(run).contains("--prefix-ids"));
    assert_eq!(workspace.summary(&format!("{run} --prefix-ids"))["items"], 3);
    assert_eq!(workspace.json("i.json").as_object().unwrap().keys().collect::<Vec<_>>(), ["a/1", "a/2", "b/1"]);
    let first = workspace.summary(&format!("{run} --duplicates first"));
    assert_eq!((first["items"].as_u64(), first["input"]["duplicates"].as_u64()), (Some(2), Some(1)));
}

#[test]
fn an_error_leaves_earlier_work_untouched() {
    let workspace = Workspace::new();
    let mut bad = rows(5000);
    bad[4500][3] = f32::NAN;
    workspace.vectors("bad.npy", &bad);
    workspace.write("i.json", "earlier");
    let run = "tokenize --model model --embeddings bad.npy --out i.json";
    assert!(workspace.error(run).contains("bad.npy: row 4500, column 3 (id \"item 4500\")"));
    assert_eq!(std::fs::read(workspace.path("i.json")).unwrap(), b"earlier");
    let files = workspace.file_count();
    let dropped = workspace.summary(&format!("{run} --skip-bad"));
    assert_eq!((dropped["items"].as_u64(), dropped["input"]["dropped"].as_u64()), (Some(4999), Some(1)));
    assert_eq!(workspace.file_count(), files + 1, "no temporary file stays, and the index has a lockfile");
    workspace.vectors("all-bad.npy", &vec![vec![f32::NAN; WIDTH]; 2]);
    let error = workspace.error("tokenize --model model --embeddings all-bad.npy --out i.json --skip-bad");
    assert!(error.contains("2 rows dropped, and there are no others"), "{error}");
}

#[test]
fn every_hostile_file_ends_with_exit_code_2_and_no_index() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    let vectors =
        files::embeddings().into_iter().map(|file| (file, "tokenize --device cpu --model model --out i.json --embeddings"));
    let items = files::catalogues().into_iter().map(|file| (file, "tokenize --device cpu --model wide --out i.json --items"));
    for (file, command) in vectors.chain(items) {
        workspace.write(file.name, &file.bytes);
        let message = workspace.error(&format!("{command} {}", file.name));
        // The width is checked before the rows: the hostile files have width 2, but the model reads width 8.
        assert!(message.contains(file.says) || message.contains("vectors of width 2"), "{}: {message}", file.name);
        assert!(!message.contains("panicked"), "{}: {message}", file.name);
    }
    assert!(!workspace.path("i.json").exists());
}

#[test]
fn nasty_titles_become_tokens() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    let titles = files::nasty_titles();
    let lines: Vec<String> =
        titles.iter().enumerate().map(|(i, t)| serde_json::json!({"id": i, "title": t}).to_string()).collect();
    workspace.write("a.jsonl", lines.join("\n"));
    assert_eq!(workspace.summary("tokenize --device cpu --model wide --items a.jsonl --out i.json")["items"], titles.len());
}

#[test]
fn arguments_that_cannot_work_are_refused_at_once() {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(2));
    for (args, says) in [
        ("tokenize --model model --embeddings v.npy --out no/such/i.json", "there is no folder no/such"),
        ("tokenize --model model --embeddings v.npy --out i.json --csv i.json", "--out i.json and --csv i.json are one file"),
        ("tokenize --model model --embeddings v.npy --out i.csv", "give a name that ends in .json or .parquet"),
        ("edit i.json --pin a --out i.json.gz --log l", "give a name that ends in .json or .parquet"),
        ("tokenize --model missing --embeddings v.npy --out i.json", "cannot use the model in missing"),
        ("tokenize --embeddings v.npy --out i.json", "vectors of width 8, the model reads 384"),
        ("tokenize --model model --embeddings none.npy --out i.json", "none.npy"),
        ("tokenize --model model --out i.json", "--items"),
        ("embed --out v.npy", "--items"),
        ("tokenize --model model --items a --embeddings b --out i.json", "cannot be used with"),
        ("tokenize --model model --embeddings v.npy --out i.json --device tpu", "use auto, cpu or gpu"),
        ("tokenize --model model --items missing.jsonl --out i.json", "missing.jsonl"),
    ] {
        let message = workspace.error(args);
        assert!(message.contains(says), "{args}: {message}");
    }
}

#[test]
fn info_describes_presets_models_and_files() {
    let workspace = Workspace::new();
    let paper = workspace.summary("info --preset paper --input 768 --experts 10");
    let parameters = &paper["parameters"];
    assert_eq!(
        [&parameters["autoencoder"], &parameters["codebooks"], &parameters["router"]].map(|v| v.as_u64().unwrap()),
        [8_745_632, 360_448, 330]
    );
    assert!((paper["ratio"].as_f64().unwrap() - 9.64).abs() < 0.005);
    let shown = workspace.run("info --model model");
    assert!(String::from_utf8_lossy(&shown.stdout).contains("8→6→4"));
    assert_eq!(workspace.summary("info model")["config"]["domains"][1], "two");
    let built_in = workspace.summary("info");
    assert_eq!((built_in["name"].as_str(), built_in["architecture"]["input"].as_u64()), (Some("the built-in model"), Some(384)));
    assert!(built_in["metrics"]["report"]["net"]["rate"].as_f64().unwrap() < 0.03);
    workspace.vectors("v.npy", &rows(3));
    let vectors = workspace.summary("info v.npy");
    assert_eq!((vectors["items"].as_u64(), vectors["width"].as_u64()), (Some(3), Some(8)));
    workspace.summary("tokenize --model model --embeddings v.npy --out i.json");
    assert_eq!(workspace.summary("info i.json")["width"], 3);
    workspace.write("c.csv", "id,title\n1,a\n1,b\n");
    assert_eq!(workspace.summary("info c.csv")["read"]["duplicates"], 1);
    workspace.write("n.json", "3");
    assert!(workspace.error("info n.json").contains("neither an index"));
}
