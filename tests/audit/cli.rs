//! `unitok audit`: output, exit codes, bad files.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn audit(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_unitok")).arg("audit").args(args).current_dir(folder).output().unwrap()
}

/// A folder with an index of 4 items, 3 codewords, its catalogue and sequences.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "index.json",
        r#"{"1": ["<a_0>", "<b_0>"], "2": ["<a_0>", "<b_0>"], "3": ["<a_1>", "<b_0>"], "4": ["<a_1>", "<b_1>"]}"#,
    );
    write(
        "items.jsonl",
        "{\"id\": 1, \"title\": \"t\", \"categories\": [[\"A\", \"B\"]]}\n{\"id\": 2, \"title\": \"t\", \"categories\": [[\"A\", \"B\"]]}\n{\"id\": 3, \"title\": \"t\", \"categories\": [[\"A\", \"C\"]]}\n",
    );
    write("sequences.txt", "u 1 2 3 4 1\nv 1 1 1 2 3\n");
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn json_alone_is_on_stdout_and_has_the_documented_fields() {
    let folder = folder();
    let args = ["index.json", "--items", "items.jsonl", "--sequences", "sequences.txt", "--json"];
    let output = audit(folder.path(), &args);
    assert_eq!((output.status.code(), text(&output.stderr).as_str()), (Some(0), ""));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["items"], &report["unique_codewords"], &report["max_bucket"]), (&4.into(), &3.into(), &2.into()));
    assert_eq!(report["collision_rate"], 0.25);
    for level in report["levels"].as_array().unwrap() {
        for field in ["used", "utilisation", "perplexity", "entropy_bits"] {
            assert!(level[field].is_number(), "{field}");
        }
    }
    assert_eq!(report["dependence"].as_array().unwrap().len(), 2);
    for baseline in ["by_code", "by_item"] {
        for field in ["recall_at_10", "ndcg_at_10", "code_recall_at_10", "code_ndcg_at_10"] {
            assert!(report["popularity"][baseline][field].is_number(), "{baseline} {field}");
        }
    }
    assert_eq!(report["prefix_purity"][1]["purity"], 1.0);
}

#[test]
fn tables_are_printed_as_text_and_as_markdown() {
    let folder = folder();
    let terminal = text(&audit(folder.path(), &["index.json", "--sequences", "sequences.txt"]).stdout);
    for line in ["different codewords", "largest bucket", "ten most popular codewords", "perplexity"] {
        assert!(terminal.contains(line), "{line}: {terminal}");
    }
    let markdown = text(&audit(folder.path(), &["index.json", "--markdown"]).stdout);
    assert!(markdown.contains("| different codewords | 3 |"), "{markdown}");
}

#[test]
fn a_failed_check_exits_with_1() {
    let folder = folder();
    let code = |limit: &str| audit(folder.path(), &["index.json", "--quiet", "--max-collision", limit]).status.code();
    assert_eq!((code("0.24"), code("0.25"), code("1")), (Some(1), Some(0), Some(0)));
    let output = audit(folder.path(), &["index.json", "--json", "--max-collision", "0"]);
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok(), "the report is printed all the same");
    assert!(text(&output.stderr).contains("0.2500"), "{}", text(&output.stderr));
}

#[test]
fn bad_files_and_options_exit_with_2_and_say_why() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("ragged.json"), r#"{"1": ["a"], "2": ["a", "b"]}"#).unwrap();
    fs::write(path.join("page.json"), "<html>not found</html>").unwrap();
    fs::write(path.join("other.txt"), "u 8 9 8 9 8\n").unwrap();
    let cases: [(&[&str], &str); 8] = [
        (&["absent.json"], "absent.json"),
        (&["ragged.json"], "item «2»"),
        (&["page.json"], "line 1 column 1"),
        (&["index.json", "--sequences", "other.txt"], "same catalogue"),
        (&["index.json", "--items", "page.json"], "page.json"),
        (&["index.json", "--codes", "4,4,4"], "codewords of 2 tokens"),
        (&["index.json", "--codes", "0"], "--codes"),
        (&["index.json", "--max-collision", "2"], "between 0 and 1"),
    ];
    for (args, expected) in cases {
        let output = audit(path, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(text(&output.stderr).contains(expected), "{args:?}: {}", text(&output.stderr));
    }
}
