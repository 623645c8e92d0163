//! Files of vectors: what is read of them is said, and options that mean nothing to them are refused.

use std::io::Write;

use crate::workspace::Workspace;
use crate::{rows, tiny};

#[test]
fn what_is_read_as_what_is_said() {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(4));
    let run = "tokenize --model model --embeddings v.npy --out i.json";
    let shown = String::from_utf8(workspace.run(run).stderr).unwrap();
    assert!(shown.contains("v.npy: ids: v.npy.ids.txt\n"), "{shown}");
    assert_eq!(workspace.summary(run)["input"]["contents"]["ids"], "v.npy.ids.txt");
    assert_eq!(workspace.summary(&format!("{run} --field id="))["input"]["contents"]["ids"], serde_json::Value::Null);
    assert!(workspace.json("i.json").as_object().unwrap().contains_key("3"), "rows are numbered");
    std::fs::remove_file(workspace.path("v.npy.ids.txt")).unwrap();
    let shown = String::from_utf8(workspace.run(run).stderr).unwrap();
    assert!(shown.contains("v.npy: ids: row numbers\n"), "{shown}");
    let described = workspace.summary("info v.npy");
    assert_eq!((described["ids"].as_bool(), &described["contents"]["ids"]), (Some(false), &serde_json::Value::Null));
    assert!(workspace.error(&format!("{run} --field id=pid")).contains("no \"pid\""));
    assert!(workspace.error(&format!("{run} --array x")).contains("no \"x\", which --array names"));
}

#[test]
fn options_without_effect_are_refused() {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(384));
    workspace.vectors("v.npy", &rows(4));
    workspace.write("c.csv", "id,title\n1,tea\n");
    for option in [
        "--template t.json",
        "--no-text leave-out",
        "--text-model folder",
        "--prefix-ids",
        "--duplicates first",
        "--number-items",
        "--lossy",
        "--format csv",
        "--delimiter ;",
        "--field title=name",
    ] {
        let error = workspace.error(&format!("tokenize --model model --embeddings v.npy --out i.json {option}"));
        let name = option.split(' ').next().unwrap();
        assert!(error.contains(&format!("{name} ")) && error.contains("does not apply to --embeddings"), "{option}: {error}");
    }
    let error = workspace.error("tokenize --model wide --items c.csv --out i.json --array x");
    assert!(error.contains("--array does not apply to --items"), "{error}");
    assert!(!workspace.path("i.json").exists());
}

#[test]
fn npy_comes_through_a_pipe_or_gzip() {
    let workspace = Workspace::new();
    workspace.vectors("v.npy", &rows(50));
    workspace.vectors("v.safetensors", &rows(50));
    let run = |file: &str, input: &str| {
        let mut command = workspace.command(&format!("tokenize --model model --embeddings {input} --out p.json --field id="));
        command.stdin(std::fs::File::open(workspace.path(file)).unwrap()).output().unwrap()
    };
    workspace.summary("tokenize --model model --embeddings v.npy --out i.json --field id=");
    assert!(run("v.npy", "-").status.success());
    assert_eq!(std::fs::read(workspace.path("p.json")).unwrap(), std::fs::read(workspace.path("i.json")).unwrap());
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&std::fs::read(workspace.path("v.npy")).unwrap()).unwrap();
    workspace.write("v.npy.gz", packed.finish().unwrap());
    workspace.summary("tokenize --model model --embeddings v.npy.gz --out p.json");
    assert_eq!(std::fs::read(workspace.path("p.json")).unwrap(), std::fs::read(workspace.path("i.json")).unwrap());
    let refused = String::from_utf8(run("v.safetensors", "-").stderr).unwrap();
    assert!(refused.contains("standard input: safetensors cannot be read from a pipe or from gzip, only .npy can"), "{refused}");
}
