//! What stands where an index is written: it is compared, and refused where that was asked for.

use serde_json::json;

use super::retired::{ITEMS, MODEL, alone, joined, vectors, workspace};
use crate::workspace::stderr;

#[test]
fn what_is_written_over_is_said_or_refused() {
    let (workspace, _) = workspace("assign");
    let again = format!("tokenize {MODEL} --embeddings v.npy --out i.json --collisions assign");
    let summary = workspace.summary(&format!("{again} --no-replace"));
    assert_eq!(summary["replaced"], json!({ "items": 6, "moved": 0, "gone": 0, "passed_on": 0 }), "the same once more");
    assert!(!stderr(&workspace.run(&again)).contains("written over"));
    // Another item would get the place of the one that left.
    workspace.summary("edit i.json --remove a --out i.json --log e.jsonl");
    vectors(&workspace, "v.npy", &[("g", 0), ("c", 4), ("d", 21), ("e", 8), ("f", 10)]);
    let index = workspace.json("i.json");
    let output = workspace.run(&format!("{again} --no-replace --json"));
    let error = stderr(&output);
    assert!(error.contains("of its 5 items ") && error.contains("1 is gone") && error.contains("--append"), "{error}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "a check said no");
    let output = workspace.run(&again.replace("assign", "keep --no-replace --json"));
    let error = stderr(&output);
    assert!(error.contains("i.json was made with the collision policy assign, this run with keep"), "{error}");
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "a check said no");
    assert_eq!(workspace.json("i.json"), index, "nothing was written");
    let said = stderr(&workspace.run(&again));
    assert!(said.contains("warning: i.json is written over, and of its 5 items ") && said.contains("1 is gone"), "{said}");
    assert_ne!(workspace.json("i.json"), index);
    // What an item left stays its own where nobody is nearest to it.
    let (workspace, before) = super::retired::workspace("keep");
    let (id, row) = alone(&before);
    workspace.summary(&format!("edit i.json --remove {id} --out i.json --log e.jsonl"));
    let rest: Vec<(&str, usize)> = ITEMS.into_iter().filter(|(_, other)| *other != row).collect();
    vectors(&workspace, "v.npy", &rest);
    workspace.summary(&again.replace("assign", "keep --no-replace"));
    assert_eq!(workspace.json("i.json.lock")["retired"][0]["tokens"], json!(joined(&before[id])));
}

#[test]
fn messages_name_an_index_as_it_was_given() {
    let (workspace, _) = workspace("assign");
    std::fs::create_dir(workspace.path("far")).unwrap();
    std::fs::copy(workspace.path("i.json"), workspace.path("far/i.json")).unwrap();
    let error = workspace.error(&format!("tokenize {MODEL} --embeddings v.npy --out far/i.json --no-replace"));
    assert!(error.contains("far/i.json has no lockfile") && error.contains("restore far/i.json.lock"), "{error}");
    let shown = String::from_utf8(workspace.run("diff i.json far/i.json").stdout).unwrap();
    assert!(shown.starts_with("i.json → far/i.json: "), "{shown}");
    workspace.write("far/i.json.lock", std::fs::read(workspace.path("i.json.lock")).unwrap());
    workspace.write("far/i.json", r#"{"a": ["<a_0>"]}"#);
    let error = workspace.error("audit far/i.json");
    assert!(error.contains("far/i.json is not the index that i.json.lock was written with"), "{error}");
    // A report may be published.
    assert!(
        String::from_utf8(workspace.run("audit far/i.json --ignore-lock --markdown").stdout)
            .unwrap()
            .starts_with("## Audit of `i.json`")
    );
}

#[test]
fn another_index_is_not_written_over_unsaid() {
    let (workspace, _) = workspace("assign");
    vectors(&workspace, "w.npy", &[("a", 21), ("b", 2), ("z", 12)]);
    workspace.summary(&format!("tokenize {MODEL} --embeddings w.npy --out live.json --collisions assign"));
    let live = || ["live.json", "live.json.lock"].map(|name| std::fs::read(workspace.path(name)).unwrap());
    let before = live();
    let append = format!("tokenize {MODEL} --embeddings v.npy --append i.json --out live.json");
    let output = workspace.run(&format!("{append} --no-replace"));
    assert!(stderr(&output).contains("of its 3 items ") && stderr(&output).contains("1 is gone"), "{}", stderr(&output));
    assert_eq!((output.status.code(), live()), (Some(1), before.clone()));
    // Of an index that has no lockfile or another's nobody knows what its tokens mean.
    std::fs::remove_file(workspace.path("live.json.lock")).unwrap();
    for run in [&append, &format!("tokenize {MODEL} --embeddings v.npy --out live.json --collisions assign")] {
        let error = workspace.error(&format!("{run} --no-replace"));
        assert!(error.contains("live.json has no lockfile") && error.contains("restore live.json.lock"), "{error}");
    }
    let unlocked = std::fs::read(workspace.path("live.json")).unwrap();
    for run in [&append, "edit i.json --pin a --out live.json --log e.jsonl"] {
        let said = stderr(&workspace.run(run));
        assert!(said.contains("warning: live.json is written over, and of its 3 items "), "without a lockfile, too: {said}");
        workspace.write("live.json", &unlocked);
        std::fs::remove_file(workspace.path("live.json.lock")).unwrap();
    }
    std::fs::remove_file(workspace.path("e.jsonl")).unwrap();
    std::fs::copy(workspace.path("i.json.lock"), workspace.path("live.json.lock")).unwrap();
    let error = workspace.error(&format!("{append} --no-replace"));
    assert!(error.contains("live.json is not the index that live.json.lock was written with"), "{error}");
    std::fs::write(workspace.path("live.json.lock"), &before[1]).unwrap();
    // Without it, append and edit say it.
    let output = workspace.run("edit i.json --pin a --out live.json --log e.jsonl");
    assert!(stderr(&output).contains("warning: live.json is written over, and of its 3 items "), "{}", stderr(&output));
    ["live.json", "live.json.lock"].iter().zip(&before).for_each(|(name, bytes)| workspace.write(name, bytes));
    let output = workspace.run(&append);
    assert!(stderr(&output).contains("warning: live.json is written over, and of its 3 items "), "{}", stderr(&output));
    // In its own place an append asks nothing, unless it moves something.
    let own = format!("tokenize {MODEL} --embeddings w.npy --append i.json --retokenize --same-items");
    let index = workspace.json("i.json");
    assert_eq!(workspace.run(&format!("{own} --no-replace")).status.code(), Some(1));
    assert_eq!(workspace.json("i.json"), index);
    assert!(!stderr(&workspace.run(&own)).contains("written over"));
    assert_ne!(workspace.json("i.json"), index);
}

#[test]
fn an_index_without_a_lockfile_takes_away_that_of_the_one_before() {
    let (workspace, _) = workspace("assign");
    workspace.summary("edit i.json --remove a --out j.json --log e.jsonl");
    // A log is done again without a lockfile, too.
    std::fs::copy(workspace.path("j.json"), workspace.path("live.json")).unwrap();
    std::fs::copy(workspace.path("j.json.lock"), workspace.path("live.json.lock")).unwrap();
    std::fs::remove_file(workspace.path("i.json.lock")).unwrap();
    let output = workspace.run("edit i.json --replay e.jsonl --out live.json");
    assert!(!workspace.path("live.json.lock").exists(), "{}", stderr(&output));
    assert!(stderr(&output).contains("warning: live.json is written over by an index without a lockfile"), "{}", stderr(&output));
    workspace.summary("audit live.json");
}

#[test]
fn what_a_lockfile_keeps_is_not_lost_with_its_index() {
    let (workspace, _) = workspace("assign");
    workspace.summary("edit i.json --remove a --out i.json --log e.jsonl");
    let [index, lock] = ["i.json", "i.json.lock"].map(|name| std::fs::read(workspace.path(name)).unwrap());
    let changed = String::from_utf8(index.clone()).unwrap().replacen("<a_", "<a_9", 1);
    vectors(&workspace, "w.npy", &ITEMS[1..]);
    workspace.summary(&format!("tokenize {MODEL} --embeddings w.npy --out other.json --collisions assign"));
    // What stands for the index and for its lockfile, and what is said of them.
    type Case<'a> = (Option<&'a [u8]>, &'a [u8], &'static str);
    let cases: [Case<'_>; 4] = [
        (
            None,
            &lock,
            "i.json.lock says what was published as i.json, which is not there: restore the index, or remove the lockfile",
        ),
        (Some(b"{"), &lock, "i.json.lock says what was published as i.json, which cannot be read ("),
        (Some(changed.as_bytes()), &lock, "i.json is not the index that i.json.lock was written with"),
        (Some(&index), b"{", "i.json.lock is not a lockfile of an index"),
    ];
    let run = format!("tokenize {MODEL} --embeddings w.npy --out i.json --collisions assign");
    for (index, lock, words) in cases {
        match index {
            Some(index) => workspace.write("i.json", index),
            None => std::fs::remove_file(workspace.path("i.json")).unwrap(),
        }
        workspace.write("i.json.lock", lock);
        for run in [&run, &format!("{run} --no-replace"), "edit other.json --pin b --out i.json --log p.jsonl"] {
            let error = workspace.error(run);
            // Nobody looks for a lockfile where the index itself cannot be read.
            let words = if run.contains("--no-replace") && index == Some(b"{") { "i.json" } else { words };
            assert!(error.contains("i.json is to be written over") && error.contains(words), "{words}: {error}");
            assert_eq!(std::fs::read(workspace.path("i.json.lock")).unwrap(), lock);
        }
    }
    // A lockfile that keeps nothing is of no use without its index, unless that is what was asked for.
    std::fs::copy(workspace.path("other.json.lock"), workspace.path("i.json.lock")).unwrap();
    std::fs::remove_file(workspace.path("i.json")).unwrap();
    assert!(workspace.error(&format!("{run} --no-replace")).contains("i.json, which is not there"));
    workspace.summary(&run);
}

#[test]
fn what_a_lockfile_keeps_goes_on_where_another_index_takes_its_place() {
    let (workspace, before) = workspace("assign");
    // Items that have their nearest codes have them without the others, too.
    workspace.summary(&format!("tokenize {MODEL} --embeddings v.npy --out nearest.json --collisions keep"));
    let nearest = workspace.json("nearest.json");
    let mut rest: Vec<(&str, usize)> = ITEMS.into_iter().filter(|(id, _)| before[id] == nearest[id]).collect();
    let (id, row) = rest.pop().expect("the test needs three items that have their nearest codes");
    let pinned = rest[0].0;
    workspace.summary(&format!("edit i.json --pin {pinned} --remove {id} --out live.json --log live.jsonl"));
    let live = ["live.json", "live.json.lock"].map(|name| (name, std::fs::read(workspace.path(name)).unwrap()));
    vectors(&workspace, "rest.npy", &rest);
    workspace.summary(&format!("tokenize {MODEL} --embeddings rest.npy --out other.json --collisions assign"));
    vectors(&workspace, "new.npy", &[("new", 12)]);
    workspace.summary(&format!("edit other.json --pin {} --out x.json --log e.jsonl", rest[1].0));
    let pin = format!("edit other.json --pin {} --out live.json --log f.jsonl", rest[1].0);
    for (run, pins) in [
        (format!("tokenize {MODEL} --embeddings new.npy --append other.json --out live.json"), 1),
        (format!("tokenize {MODEL} --embeddings new.npy --append x.json --out live.json"), 2),
        (pin.clone(), 2),
        ("edit other.json --replay e.jsonl --out live.json".into(), 2),
        (format!("{pin} --pin {pinned} --unpin {pinned}").replace("f.jsonl", "g.jsonl"), 1),
    ] {
        live.iter().for_each(|(name, bytes)| workspace.write(name, bytes));
        workspace.summary(&run);
        let lock = workspace.json("live.json.lock");
        let keeps = |id: &str| lock["pinned"].as_array().is_some_and(|pinned| pinned.contains(&json!(id)));
        assert_eq!(lock["pinned"].as_array().map(Vec::len), Some(pins), "{run}");
        assert_eq!(keeps(pinned), !run.contains("unpin"), "{run}");
        assert_eq!((&lock["retired"][0]["item"], lock["retired"].as_array().map(Vec::len)), (&json!(id), Some(1)), "{run}");
        vectors(&workspace, "twin.npy", &[("twin", row)]);
        workspace.summary(&format!("tokenize {MODEL} --embeddings twin.npy --append live.json"));
        assert_ne!(workspace.json("live.json")["twin"], before[id], "its codeword still means the item that left: {run}");
    }
}
