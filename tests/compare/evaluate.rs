//! `unitok recommend evaluate` and `unitok compare` as programs.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::world::{ITEMS, write_catalogue};

fn unitok(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_unitok")).current_dir(folder).args(arguments.split_whitespace()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder with the catalogue `office` and an index of its items in which four items share each codeword.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    write_catalogue(place.path(), "office", 0);
    let rows: Vec<String> =
        (0..ITEMS).map(|item| format!(r#""office-{item}": ["<a_{}>", "<b_{}>"]"#, item % 3, item / 12)).collect();
    std::fs::write(place.path().join("index.json"), format!("{{{}}}", rows.join(",\n"))).unwrap();
    place
}

#[test]
fn an_index_is_scored_by_items_and_by_codes() {
    let place = place();
    let arguments =
        "recommend evaluate --index index.json --sequences office/sequences.txt --epochs 1 --seed 1 2 --out runs --json";
    let output = unitok(place.path(), arguments);
    assert!(output.status.success(), "{}", stderr(&output));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = all["runs"].as_array().unwrap();
    assert_eq!((runs.len(), &runs[1]["seed"], &runs[0]["recommender"]), (2, &2.into(), &"dec".into()));
    for run in runs {
        let by = |by: &str| run[by]["recall_at_10"].as_f64().unwrap();
        assert!(by("by_item") < by("by_code"), "shared codewords count as hits by code alone: {run}");
        assert_eq!(
            run["by_popularity"].as_array().unwrap().iter().map(|third| third["users"].as_u64().unwrap()).sum::<u64>(),
            24
        );
    }
    let (low, high) = (all["interval"][0].as_f64().unwrap(), all["interval"][1].as_f64().unwrap());
    assert!(low <= all["ndcg_at_10"].as_f64().unwrap() && all["ndcg_at_10"].as_f64().unwrap() <= high);
    assert!(place.path().join("runs/seed-2/result.json").exists());
    // Finished runs are refused without a wish, and taken as they are with --resume.
    let again = unitok(place.path(), arguments);
    assert!(!again.status.success() && stderr(&again).contains("--force"), "{}", stderr(&again));
    let resumed = unitok(place.path(), &format!("{arguments} --resume"));
    assert!(resumed.stdout == output.stdout, "{}", stderr(&resumed));
    let other = unitok(place.path(), &format!("{} --resume", arguments.replace("--epochs 1", "--epochs 2")));
    assert!(stderr(&other).contains("other settings or data"), "{}", stderr(&other));
}

#[test]
fn an_index_may_be_made_of_a_catalogue() {
    let place = place();
    let evaluate = |index: &str| {
        unitok(place.path(), &format!("recommend evaluate --index {index} --sequences office/sequences.txt --epochs 1 --json"))
    };
    let made = evaluate("itemid --items office/items.jsonl");
    let all: Value = serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", stderr(&made)));
    let run = &all["runs"][0];
    assert_eq!(run["by_item"], run["by_code"], "every item has a codeword of its own");
    assert!(stderr(&evaluate("itemid")).contains("pass it with --items"));
    assert!(stderr(&evaluate("index.json --items office/items.jsonl")).contains("--items does not apply"));
}

#[test]
fn wishes_without_effect_and_wrong_inputs_are_refused() {
    let place = place();
    let fault = |arguments: &str| {
        let output = unitok(place.path(), &format!("recommend evaluate --index index.json {arguments}"));
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        stderr(&output)
    };
    let sequences = "--sequences office/sequences.txt";
    assert!(fault(&format!("{sequences} --recommender popularity --epochs 3")).contains("--epochs does not apply"));
    assert!(fault(&format!("{sequences} --recommender graph --seed 3")).contains("--seed does not apply"));
    assert!(fault(&format!("{sequences} --seed 3 3")).contains("given twice"));
    assert!(fault(&format!("{sequences} --recommender magic")).contains("no recommender «magic»"));
    assert!(fault(&format!("{sequences} --resume")).contains("--out"));
    std::fs::write(place.path().join("short.txt"), "1 office-1 office-2\n").unwrap();
    assert!(fault("--sequences short.txt").contains("short.txt"));
    std::fs::write(place.path().join("strange.txt"), "1 a b c d e f\n2 a b c d e f\n").unwrap();
    let strange = fault("--sequences strange.txt");
    assert!(strange.contains("strange.txt"), "{strange}");
}

#[test]
fn the_program_compares_and_says_what_it_will_do() {
    let place = place();
    write_catalogue(place.path(), "shop", 1);
    let arguments = "compare --catalog office shop --out out --embeddings vectors --systems popularity,graph,random --seed 5";
    let planned = unitok(place.path(), &format!("{arguments} --plan"));
    assert!(planned.status.success(), "{}", stderr(&planned));
    assert!(stderr(&planned).contains("6 runs, about"), "{}", stderr(&planned));
    assert!(!place.path().join("out/results.json").exists());
    let arguments = "compare --catalog office shop --out out --embeddings vectors --systems popularity,graph";
    let done = unitok(place.path(), arguments);
    assert!(done.status.success(), "{}", stderr(&done));
    let table = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(table.contains("Most popular items") && table.contains("Transition graph") && table.contains('['), "{table}");
    assert!(std::fs::read_to_string(place.path().join("out/results.md")).unwrap().contains("Accuracy on office"));
    let again = unitok(place.path(), arguments);
    assert!(stderr(&again).contains("done: all of 4 runs"), "{}", stderr(&again));
    let fault = |arguments: &str| stderr(&unitok(place.path(), arguments));
    assert!(fault("compare --catalog office --out out --systems magic").contains("no system «magic»"));
    assert!(fault("compare --catalog office --out out --recommender mf").contains("choose dec or t5"));
    assert!(fault("compare --catalog office office --out out --embeddings vectors").contains("have one name"));
    assert!(fault("compare --catalog office --out out --embeddings office").contains("office has no office.safetensors"));
}
