//! Where outputs go: links, modes, pipes, devices, and files that must not be lost.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Stdio};

use super::workspace::stderr;
use super::{tiny, workspace};

#[test]
fn no_input_is_overwritten() {
    let workspace = workspace(20);
    let read = |name: &str| fs::read(workspace.path(name)).unwrap();
    fs::hard_link(workspace.path("a.npy"), workspace.path("hard.json")).unwrap();
    symlink("a.jsonl", workspace.path("link.npy")).unwrap();
    workspace.write("t.json", "{\"fields\": [\"title\"], \"separator\": \". \", \"description_chars\": 300}");
    fs::copy(workspace.path("a.jsonl"), workspace.path("i.json.partial")).unwrap();
    let names = ["a.jsonl", "a.npy", "a.npy.ids.txt", "t.json", "model/config.json", "i.json.partial"];
    let before: Vec<Vec<u8>> = names.iter().map(|name| read(name)).collect();
    let files = workspace.file_count();
    for (args, named) in [
        ("embed --items a.jsonl --out link.npy", "--items a.jsonl"),
        ("embed --items a.jsonl --template t.json --out t.json", "must end in .npy"),
        ("tokenize --model model --items a.jsonl --out a.jsonl", "--items a.jsonl"),
        ("tokenize --model model --embeddings a.npy --out ./model/../hard.json", "--embeddings a.npy"),
        ("tokenize --model model --embeddings a.npy --out a.npy.ids.txt", "--embeddings a.npy.ids.txt"),
        ("tokenize --model model --embeddings a.npy --out model/config.json", "--model model/config.json"),
        ("tokenize --model model --items a.jsonl --template t.json --out i.json --csv t.json", "--template t.json"),
        ("tokenize --model model --items i.json.partial --format jsonl --out i.json", "(its file i.json.partial)"),
        ("tokenize --model model --embeddings a.npy --out i.json --details i.json.partial", "are one file"),
        ("tokenize --model model --embeddings a.npy --out - --csv /dev/stdout", "are one file"),
        ("tokenize --model model --embeddings a.npy --out - --json", "--json both write to stdout"),
    ] {
        let message = workspace.error(args);
        assert!(message.contains(named), "{args}: {message}");
    }
    assert_eq!(names.iter().map(|name| read(name)).collect::<Vec<_>>(), before);
    assert_eq!(workspace.file_count(), files, "nothing is left");
}

#[test]
fn links_are_followed_and_modes_kept() {
    let workspace = workspace(20);
    fs::create_dir(workspace.path("far")).unwrap();
    workspace.write("far/i.json", "earlier");
    fs::set_permissions(workspace.path("far/i.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("far/i.json", workspace.path("one.json")).unwrap();
    symlink("one.json", workspace.path("two.json")).unwrap();
    symlink("far/new.npy", workspace.path("new.npy")).unwrap();
    symlink("round.json", workspace.path("round.json")).unwrap();
    workspace.summary("tokenize --model model --embeddings a.npy --out two.json --device cpu");
    let two = fs::symlink_metadata(workspace.path("two.json")).unwrap();
    let mode = fs::metadata(workspace.path("far/i.json")).unwrap().permissions().mode() & 0o777;
    assert_eq!((two.is_symlink(), mode, workspace.json("far/i.json").as_object().unwrap().len()), (true, 0o640, 20));
    // A link that leads nowhere yet; the ids lie beside the vectors, and are found by either name.
    workspace.summary("embed --items a.jsonl --out new.npy --device cpu");
    assert!(workspace.path("far/new.npy.ids.txt").exists() && !workspace.path("new.npy.ids.txt").exists());
    for name in ["new.npy", "far/new.npy"] {
        let shown = String::from_utf8(workspace.run(&format!("info {name}")).stdout).unwrap();
        assert!(shown.contains("with ids"), "{shown}");
    }
    for (name, says) in [("round.json", "round in a circle"), ("far", "it is a folder"), ("far/", "it is a folder")] {
        let message = workspace.error(&format!("tokenize --model model --embeddings a.npy --out {name}"));
        assert!(message.contains(says), "{message}");
    }
    fs::set_permissions(workspace.path("far/i.json"), fs::Permissions::from_mode(0o440)).unwrap();
    let message = workspace.error("tokenize --model model --embeddings a.npy --out one.json");
    assert!(message.contains("its permissions do not let it be written: change them"), "{message}");
    if cfg!(target_os = "linux") {
        // Where nobody can make a file, whoever runs the test.
        for (args, out) in [
            ("tokenize --model model --embeddings a.npy --out", "/sys/i.json"),
            ("train --domain a=a.npy --set recipe.items_per_domain=20 --out", "/sys/a/b"),
            ("export two.json --for trie --out", "/sys/e"),
        ] {
            let message = workspace.error(&format!("{args} {out}"));
            let says =
                format!("cannot write {out}: nothing can be made in the folder /sys: make it writable, or write elsewhere");
            assert!(message.contains(&says), "{message}");
        }
    }
    let _socket = std::os::unix::net::UnixListener::bind(workspace.path("socket")).unwrap();
    let message = workspace.error("tokenize --model model --embeddings a.npy --out socket");
    assert!(message.contains("it is a socket"), "{message}");
}

#[test]
fn pipes_and_devices_are_written_to() {
    let workspace = workspace(20);
    workspace.summary("tokenize --model model --embeddings a.npy --out i.json --csv i.csv --device cpu");
    workspace.summary("embed --items a.jsonl --out v.npy --device cpu");
    workspace.summary("embed --items a.jsonl --out v.safetensors --device cpu");
    let read = |name: &str| fs::read(workspace.path(name)).unwrap();
    for name in ["-", "/dev/stdout", "/dev/fd/1"] {
        let output = workspace.run(&format!("tokenize --model model --embeddings a.npy --device cpu --out {name}"));
        assert_eq!((output.status.code(), &output.stdout), (Some(0), &read("i.json")), "{name}: {}", stderr(&output));
    }
    let output = workspace.run("embed --items a.jsonl --out - --device cpu");
    assert_eq!(output.stdout, read("v.safetensors"), "{}", stderr(&output));
    for (args, expected) in [
        ("tokenize --model model --embeddings a.npy --device cpu --out o.json --csv p.npy", "i.csv"),
        ("embed --items a.jsonl --device cpu --out p.npy", "v.npy"),
    ] {
        assert!(Command::new("mkfifo").arg(workspace.path("p.npy")).status().unwrap().success());
        let reader = Command::new("cat").arg(workspace.path("p.npy")).stdout(Stdio::piped()).spawn().unwrap();
        let output = workspace.run(args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(reader.wait_with_output().unwrap().stdout, read(expected));
        fs::remove_file(workspace.path("p.npy")).unwrap();
    }
    assert_eq!(read("p.npy.ids.txt"), read("v.npy.ids.txt"));
    for args in ["tokenize --model model --embeddings a.npy --csv i.csv --out /dev/null", "embed --items a.jsonl --out /dev/null"]
    {
        assert_eq!(workspace.run(args).status.code(), Some(0));
    }
    if cfg!(target_os = "linux") {
        for args in ["tokenize --model model --embeddings a.npy --out /dev/full", "embed --items a.jsonl --out /dev/full"] {
            assert!(workspace.error(args).contains("cannot write /dev/full: No space left on device"));
        }
    }
}

/// Names that are no UTF-8 stand in summaries and journals with what can be read of them.
#[cfg(target_os = "linux")]
#[test]
fn names_of_files_may_be_any_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let workspace = workspace(20);
    let name = |bytes: &'static [u8]| std::ffi::OsStr::from_bytes(bytes);
    fs::rename(workspace.path("a.jsonl"), workspace.path("").join(name(b"\xff.jsonl"))).unwrap();
    workspace.model("of_texts", &tiny::model(24));
    for (command, out, shown) in
        [("embed", name(b"\xff.npy"), "\u{fffd}.npy"), ("tokenize --model of_texts", name(b"\xff.json"), "\u{fffd}.json")]
    {
        let mut command = workspace.command(&format!("{command} --device cpu --json"));
        command.arg("--items").arg(name(b"\xff.jsonl")).arg("--out").arg(out);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["out"], shown);
        assert_eq!(summary["input"]["fields"][0]["file"], "\u{fffd}.jsonl", "{summary}");
    }
}
