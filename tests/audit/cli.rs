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
    fs::write(path.join("short.csv"), "user,item\nu,1\nu,2\nv,1\n").unwrap();
    let cases: [(&[&str], &str); 14] = [
        (&["absent.json"], "absent.json"),
        (&["ragged.json"], "item «2»"),
        (&["page.json"], "line 1 column 1"),
        (&["index.json", "--sequences", "other.txt"], "same catalogue"),
        (&["index.json", "--items", "page.json"], "page.json"),
        (&["index.json", "--codes", "4,4,4"], "codewords of 2 tokens"),
        (&["index.json", "--codes", "0"], "--codes"),
        (&["index.json", "--max-collision", "2"], "between 0 and 1"),
        (&["index.json", "--sequences", "short.csv"], "of 2 users the longest, «u», has 2"),
        (&["index.json", "--sequences", "short.csv", "--sequence-field", "time=when"], "no column when"),
        (&["index.json", "--sequence-field", "time=when"], "--sequences"),
        (&["index.json", "--sequences", "short.csv", "--field", "id=x"], "--items"),
        (&["index.json", "--skip-bad"], "--items"),
        (&["-", "--sequences", "-"], "one of the inputs only"),
    ];
    for (args, expected) in cases {
        let output = audit(path, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(text(&output.stderr).contains(expected), "{args:?}: {}", text(&output.stderr));
    }
}

/// Interactions of the two users of `sequences.txt`, in every form that says more than a line.
#[test]
fn sequences_are_read_in_any_form_and_give_the_same_table() {
    let folder = folder();
    let path = folder.path();
    let users = [("u", [1, 2, 3, 4, 1]), ("v", [1, 1, 1, 2, 3])];
    let rows = |line: &dyn Fn(&str, usize, usize) -> String| -> String {
        let row = |(user, items): (&str, [usize; 5])| (0..5).map(|i| line(user, items[i], 1_000_000_000 + i)).collect::<String>();
        users.map(row).concat()
    };
    let files = [
        ("u.inter.json", r#"{"u": [1, 2, 3, 4, 1], "v": [1, 1, 1, 2, 3]}"#.to_string()),
        ("ratings.tsv", rows(&|user, item, time| format!("{user}\t{item}\t5\t{time}\n"))),
        ("u.inter", format!("user_id:token\titem_id:token\n{}", rows(&|user, item, _| format!("{user}\t{item}\n")))),
        (
            "reviews.jsonl",
            rows(&|user, item, time| format!("{{\"reviewerID\": \"{user}\", \"asin\": {item}, \"time\": {time}}}\n")),
        ),
    ];
    let report = |file: &str| -> Value {
        let output = audit(path, &["index.json", "--sequences", file, "--json"]);
        assert_eq!(text(&output.stderr), "", "{file}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let expected = report("sequences.txt");
    for (file, content) in files {
        fs::write(path.join(file), content).unwrap();
        let report = report(file);
        assert_eq!(report["popularity"], expected["popularity"], "{file}");
        assert_eq!((&report["read"]["sequences"]["file"], &report["read"]["sequences"]["users"]), (&file.into(), &2.into()));
    }
    let said = text(&audit(path, &["index.json", "--sequences", "ratings.tsv"]).stderr);
    assert!(said.contains("ratings.tsv: rows of a table: user ← column 1, item ← column 2, time ← column 4"), "{said}");
}

#[test]
fn a_catalogue_without_categories_costs_only_the_purity_and_another_one_is_refused() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("plain.jsonl"), "{\"id\": 1, \"title\": \"t\"}\n{\"id\": 2, \"title\": \"t\"}\n").unwrap();
    fs::write(path.join("other.csv"), "id,title,category\nx,t,A\n").unwrap();
    fs::write(path.join("feed.csv"), "pid,titre,rayon\n1,t,A > B\n2,t,A > B\nbad\n").unwrap();
    let run = |args: &[&str]| {
        let output = audit(path, &[&["index.json", "--items"], args].concat());
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let (report, said) = run(&["plain.jsonl"]);
    assert!(report.contains("different codewords") && !report.contains("Prefix purity"), "{report}");
    assert!(said.contains("no prefix purity: the items in plain.jsonl have no categories"), "{said}");
    let output = audit(path, &["index.json", "--items", "other.csv"]);
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{said}");
    assert!(said.contains("other.csv: no item of the index is here") && said.contains("«1»") && said.contains("«x»"), "{said}");
    let options = ["feed.csv", "--field", "id=pid", "--field", "categories=rayon", "--skip-bad"];
    let (report, said) = run(&options);
    assert!(report.contains("Prefix purity over 2 items"), "{report}");
    assert!(said.contains("only 2 of the index's 4 items"), "{said}");
    let json: Value = serde_json::from_str(&run(&[&options[..], &["--json"]].concat()).0).unwrap();
    assert_eq!(json["read"]["items"]["report"]["skipped"], 1);
    assert_eq!(json["read"]["items"]["fields"][0]["fields"][2]["part"], "categories");
    assert_eq!(json["read"]["notes"].as_array().unwrap().len(), 1);
}

#[test]
fn ids_with_their_catalogues_name_are_found() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("both.json"), r#"{"a/1": ["<a_1>"], "b/1": ["<a_2>"], "b/2": ["<a_1>"]}"#).unwrap();
    fs::write(path.join("a.csv"), "id,title,category\n1,t,A\n").unwrap();
    fs::write(path.join("b.csv"), "id,title,category\n1,t,B\n2,t,A\n").unwrap();
    let args = ["both.json", "--items", "a.csv", "--items", "b.csv", "--prefix-ids", "--json"];
    let report: Value = serde_json::from_slice(&audit(path, &args).stdout).unwrap();
    assert_eq!((&report["prefix_purity"][1]["items"], &report["prefix_purity"][1]["purity"]), (&3.into(), &1.0.into()));
}
