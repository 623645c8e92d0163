//! Stdout and stderr that nobody reads, and what must not appear there.

use std::fs;
use std::process::{Command, Stdio};

use super::workspace;
use super::workspace::{Workspace, stderr};

/// Runs `script` with the program as `$unitok`; the exit code is that of the program, in the script's `$code`.
fn shell(workspace: &Workspace, script: &str) -> std::process::Output {
    let tokenize = workspace.command("tokenize --model model --embeddings a.npy --out i.json");
    let words: Vec<&str> = tokenize.get_args().map(|word| word.to_str().unwrap()).collect();
    let mut bash = Command::new("bash");
    bash.args(["-o", "pipefail", "-c", script]).current_dir(tokenize.get_current_dir().unwrap());
    bash.env("unitok", tokenize.get_program()).env("tokenize", words.join(" ")).env_remove("XDG_RUNTIME_DIR");
    bash.env("UNITOK_TEXT_MODEL", workspace::text_model()).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn nobody_needs_to_read_the_messages() {
    let workspace = workspace(200);
    for script in [
        "$unitok $tokenize 2>&1 | true",
        "$unitok $tokenize 2>&1 | head -1",
        "$unitok $tokenize --json | true",
        "$unitok $tokenize --json | head -c 1",
        "$unitok $tokenize --json >&-",
        "$unitok $tokenize 2>&-",
        "$unitok $tokenize --json <&- >&- 2>&-",
        "$unitok embed --items a.jsonl --out i.npy --force 2>&1 | true; test -e i.npy && mv i.npy i.json",
        "$unitok --help | true; $unitok $tokenize 2>/dev/full",
    ] {
        let _ = fs::remove_file(workspace.path("i.json"));
        let output = shell(&workspace, script);
        assert_eq!(output.status.code(), Some(0), "{script}: {}", stderr(&output));
        assert!(workspace.path("i.json").exists(), "{script}");
    }
    // An error stays one.
    assert_eq!(shell(&workspace, "$unitok tokenize --embeddings none.npy --out x 2>&1 | true").status.code(), Some(2));
    // A reader of the index itself may stop early.
    assert_eq!(shell(&workspace, "$unitok tokenize --model model --embeddings a.npy --out - | head -c 1").status.code(), Some(0));
    let full = shell(&workspace, "$unitok $tokenize --json >/dev/full");
    assert!(full.status.code() == Some(2) && stderr(&full).contains("cannot write stdout"), "{}", stderr(&full));
}

#[test]
fn a_pipe_that_breaks_is_an_error() {
    let workspace = workspace(20_000);
    assert!(Command::new("mkfifo").arg(workspace.path("p")).status().unwrap().success());
    let output = shell(&workspace, "head -c 1 p >/dev/null & $unitok $tokenize --csv p");
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("cannot write p: the program that reads the pipe has ended"), "{message}");
}

#[test]
fn drivers_keep_silent() {
    let workspace = workspace(20);
    for script in [
        "$unitok $tokenize --quiet",
        "$unitok embed --items a.jsonl --out v.npy --quiet",
        "TMPDIR=/nonexistent $unitok $tokenize --quiet",
    ] {
        let output = shell(&workspace, script);
        assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{script}");
    }
}

#[test]
fn standard_input_is_one_input_only() {
    let workspace = workspace(20);
    for command in ["embed --out v.npy", "tokenize --model model --out v.json"] {
        let message = workspace.error(&format!("{command} --items - --items -"));
        assert!(message.contains("standard input (-) can be one of the inputs only"), "{message}");
    }
}
