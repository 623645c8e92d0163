//! Planning, doing, skipping, resuming, and what is written.

use std::path::Path;

use serde_json::Value;
use unitok::compare::catalogue::Catalogue;
use unitok::compare::cost::Costs;
use unitok::compare::execute::Comparison;
use unitok::compare::plan::{Scope, plan};
use unitok::compare::results;
use unitok::compare::run::{RunFile, Training};
use unitok::compare::systems::SYSTEMS as SYSTEMS_OF_THE_PAPER;

use super::world::{ITEMS, Told, catalogues, scope};

const SYSTEMS: [&str; 6] = ["popularity", "popularity-by-code", "tiger", "unitok-1", "unitok", "itemid"];

fn comparison<'a>(scope: &'a Scope, catalogues: &'a [Catalogue], out: &'a Path) -> Comparison<'a> {
    Comparison { scope, catalogues, out, command: "unitok compare --preset test" }
}

/// Does what is not done; the runs, and what was told meanwhile.
fn run(comparison: &Comparison<'_>, mut told: Told) -> (Vec<RunFile>, Told) {
    let plan = plan(comparison.scope, comparison.catalogues);
    let done = comparison.look(&plan, &mut |note| told.notes.push(note.into())).unwrap();
    let progress = comparison.run(&plan, done, &mut Costs::default(), &mut told).unwrap();
    assert_eq!(progress.complete, progress.runs.len() == plan.len());
    results::write(comparison, &plan, &progress.runs).unwrap();
    (progress.runs, told)
}

/// A run without what depends on the clock.
fn timeless(run: &RunFile) -> RunFile {
    let mut run = run.clone();
    run.run.record.seconds = 0.0;
    if let Some(tokens) = &mut run.run.tokens {
        tokens.seconds = 0.0;
    }
    run
}

fn all_timeless(runs: &[RunFile]) -> Vec<RunFile> {
    runs.iter().map(timeless).collect()
}

#[test]
fn a_plan_has_each_system_on_each_domain_then_unseen_domains_then_sweeps() {
    let place = tempfile::tempdir().unwrap();
    let catalogues = catalogues(place.path());
    let plan = plan(&scope(&SYSTEMS), &catalogues);
    let named = |run: &unitok::compare::plan::Planned| {
        (run.id.system.clone(), run.id.domain.clone(), run.id.training, run.id.settings.clone())
    };
    let all: Vec<_> = plan.iter().map(named).collect();
    assert_eq!(all.len(), 6 * 2 + 3 + 2);
    assert_eq!(all[4], ("tiger".into(), "office".into(), Training::Domain, String::new()));
    let unseen: Vec<&str> = all[12..15].iter().map(|run| run.0.as_str()).collect();
    assert_eq!(unseen, ["tiger", "unitok-1", "unitok"]);
    assert!(all[12..15].iter().all(|run| run.1 == "shop" && run.2 == Training::ZeroShot));
    assert!(all[15..].iter().all(|run| run.0 == "unitok" && run.3 == "model.levels=3"));
    // A tokenizer that has not seen a domain is trained on the others, one for all domains on all of them.
    let key = |number: usize| plan[number].tokens.as_ref().unwrap();
    assert_eq!((&key(12).training, &key(12).targets), (&vec![0], &vec![1]));
    assert_eq!((&key(8).training, &key(8).targets), (&vec![0, 1], &vec![0, 1]));
    let mut files: Vec<String> = plan.iter().map(|run| run.id.file_name()).collect();
    files.sort();
    files.dedup();
    assert_eq!(files.len(), plan.len(), "every run has a file of its own");
}

#[test]
fn what_is_done_is_not_done_again_and_the_results_are_the_same() {
    let place = tempfile::tempdir().unwrap();
    let catalogues = catalogues(place.path());
    let (scope, out) = (scope(&SYSTEMS), place.path().join("out"));
    let comparison = comparison(&scope, &catalogues, &out);
    let (first, told) = run(&comparison, Told::default());
    assert_eq!(told.finished, first.len());
    // UniTok's tokens are made once, whoever reads them.
    assert_eq!(told.started.iter().filter(|what| *what == "tokens of unitok").count(), 3, "{:?}", told.started);
    let json = std::fs::read(out.join("results.json")).unwrap();
    let (again, told) = run(&comparison, Told::default());
    assert_eq!((told.finished, told.started.len(), again), (0, 0, first));
    assert_eq!(std::fs::read(out.join("results.json")).unwrap(), json);
    check_results(&serde_json::from_slice(&json).unwrap());
    assert!(!out.join("unfinished").exists() || std::fs::read_dir(out.join("unfinished")).unwrap().next().is_none());
}

/// The form that others read.
fn check_results(results: &Value) {
    let runs = results["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 17);
    for run in runs {
        for name in ["domain", "system", "recommender", "preset", "training", "command"] {
            assert!(run[name].is_string(), "{name} of {run}");
        }
        assert!(run["seed"].is_u64() && run["seconds"].is_number());
        for metrics in [&run["by_item"], &run["by_code"]] {
            for name in ["recall_at_5", "recall_at_10", "ndcg_at_5", "ndcg_at_10"] {
                assert!((0.0..=1.0).contains(&metrics[name].as_f64().unwrap()), "{name} of {run}");
            }
        }
        let (low, high) = (run["interval"][0].as_f64().unwrap(), run["interval"][1].as_f64().unwrap());
        let value = run["by_item"]["ndcg_at_10"].as_f64().unwrap();
        assert!(low <= value && value <= high, "{run}");
    }
    let of = |system: &str| runs.iter().find(|run| run["system"] == system && run["domain"] == "office").unwrap();
    assert_eq!(of("itemid")["tokens"]["unique"], ITEMS);
    assert_eq!(of("tiger")["tokens"]["trained_on"], serde_json::json!(["office"]));
    assert_eq!(of("unitok")["tokens"]["trained_on"], serde_json::json!(["office", "shop"]));
    assert!(of("unitok")["tokens"]["quality"]["nats_per_item"].is_number());
    assert!(of("popularity")["tokens"].is_null());
    assert_eq!(results["complete"], true);
    let tables: Vec<&str> = results["tables"].as_array().unwrap().iter().map(|table| table["id"].as_str().unwrap()).collect();
    for id in [
        "accuracy",
        "accuracy-office",
        "popularity",
        "parameters",
        "zero-shot",
        "ablation",
        "sweep-levels",
        "entropy",
        "claims",
        "theorems",
        "quality",
    ] {
        assert!(tables.contains(&id), "{id} is not among {tables:?}");
    }
    assert!(!tables.contains(&"unified"), "no tokenizer is trained both on one domain and on all");
    let against: Vec<&str> =
        results["claims"].as_array().unwrap().iter().map(|claim| claim["against"].as_str().unwrap()).collect();
    assert!(against.contains(&"unitok-1") && against.contains(&"tiger"), "{against:?}");
    assert_eq!(results["reference"]["paper"]["accuracy"]["unitok"]["office"], 0.0432);
}

#[test]
fn every_system_trains_and_scores() {
    let place = tempfile::tempdir().unwrap();
    let catalogues = catalogues(place.path());
    let names: Vec<&str> = SYSTEMS_OF_THE_PAPER.iter().map(|system| system.name).collect();
    let (mut scope, out) = (scope(&names), place.path().join("out"));
    scope.zero_shot.clear();
    scope.preset.sweeps.clear();
    let (runs, _) = run(&comparison(&scope, &catalogues, &out), Told::default());
    assert_eq!(runs.len(), 2 * names.len());
    let tokens = |system: &str| {
        let folder = std::fs::read_dir(out.join("tokens")).unwrap().map(|entry| entry.unwrap().path());
        let of = folder.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(&format!("{system}.")));
        std::fs::read_to_string(of.last().unwrap().join("office.index.json")).unwrap()
    };
    // What reads histories gives other tokens than what reads texts alone.
    assert_ne!(tokens("unitok-histories"), tokens("unitok"));
    assert_ne!(tokens("unitok-taught"), tokens("unitok"));
}

#[test]
fn stopped_at_any_place_it_goes_on_to_the_same_runs() {
    let place = tempfile::tempdir().unwrap();
    let catalogues = catalogues(place.path());
    let mut scope = scope(&["tiger", "unitok"]);
    scope.zero_shot.clear();
    scope.preset.sweeps.clear();
    let whole = place.path().join("whole");
    let (whole, _) = run(&comparison(&scope, &catalogues, &whole), Told::default());
    let out = place.path().join("pieces");
    let comparison = comparison(&scope, &catalogues, &out);
    let (mut sessions, mut done) = (0, Vec::new());
    while done.len() < whole.len() {
        // In the middle of training a tokenizer, in that of a recommender, between runs.
        let stop_in = [Some(3), Some(14), None][sessions % 3];
        let told = Told { stop_after: Some(1), stop_in, ..Told::default() };
        done = run(&comparison, told).0;
        sessions += 1;
        assert!(sessions < 100, "no progress: {} runs", done.len());
    }
    assert!(sessions > 3);
    assert_eq!(all_timeless(&done), all_timeless(&whole));
}

#[test]
fn a_damaged_run_is_named_and_done_again() {
    let place = tempfile::tempdir().unwrap();
    let catalogues = catalogues(place.path());
    let (scope, out) = (scope(&["popularity", "graph"]), place.path().join("out"));
    let comparison = comparison(&scope, &catalogues, &out);
    let (first, _) = run(&comparison, Told::default());
    let damaged = out.join("runs/office.graph.graph.test.1.json");
    let text = std::fs::read_to_string(&damaged).unwrap();
    std::fs::write(&damaged, &text[..text.len() / 2]).unwrap();
    let (again, told) = run(&comparison, Told::default());
    assert_eq!(told.finished, 1);
    assert!(told.notes[0].contains("office.graph.graph.test.1.json is damaged"), "{:?}", told.notes);
    assert_eq!(all_timeless(&again), all_timeless(&first));
}

#[test]
fn damaged_tokens_are_named_and_made_again() {
    let place = tempfile::tempdir().unwrap();
    let catalogues = catalogues(place.path());
    let (mut scope, out) = (scope(&["itemid"]), place.path().join("out"));
    scope.zero_shot.clear();
    let comparison = comparison(&scope, &catalogues, &out);
    let (first, _) = run(&comparison, Told::default());
    for folder in std::fs::read_dir(out.join("tokens")).unwrap() {
        std::fs::write(folder.unwrap().path().join("office.index.json"), "{\"office-0\": [").unwrap();
    }
    std::fs::remove_file(out.join("runs/office.itemid.dec.test.1.json")).unwrap();
    let (again, told) = run(&comparison, Told::default());
    assert!(told.notes.iter().any(|note| note.contains("are damaged")), "{:?}", told.notes);
    assert_eq!(all_timeless(&again), all_timeless(&first));
}

#[test]
fn other_data_or_settings_make_other_runs() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let mut catalogues = catalogues(place.path());
    let mut scope = scope(&["popularity", "tiger"]);
    scope.zero_shot.clear();
    run(&comparison(&scope, &catalogues, &out), Told::default());
    // Other vectors of one catalogue: only tokens that read them are made anew.
    catalogues[1].vectors.hash ^= 1;
    let (_, told) = run(&comparison(&scope, &catalogues, &out), Told::default());
    assert_eq!(told.started, ["tokens of tiger", "shop.tiger.dec.test.1"]);
    assert!(told.notes[0].contains("other settings or data") && told.notes[0].contains("training shop"), "{:?}", told.notes);
    scope.preset.tokenizers[2] = "model.codes=6".into();
    let (_, told) = run(&comparison(&scope, &catalogues, &out), Told::default());
    assert_eq!(told.finished, 2);
    assert!(told.notes[0].contains("codes = 8"), "{:?}", told.notes);
}

#[test]
fn folders_that_are_no_catalogues_are_refused_by_what_they_lack() {
    let place = tempfile::tempdir().unwrap();
    let fault = |name: &str| Catalogue::open(&place.path().join(name)).unwrap_err().to_string();
    assert!(fault("nowhere").contains("this is no folder"));
    super::world::write_catalogue(place.path(), "half", 0);
    std::fs::remove_file(place.path().join("half/sequences.txt")).unwrap();
    let error = fault("half");
    assert!(error.contains("no file of interactions among: items.jsonl") && error.contains("sequences"), "{error}");
    std::fs::write(place.path().join("half/ratings.csv"), "user_id,item_id\n1,half-3\n1,half-4\n").unwrap();
    let error = fault("half");
    assert!(error.contains("ratings.csv") && error.contains("has 2"), "{error}");
}
