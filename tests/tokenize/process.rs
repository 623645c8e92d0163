//! The memory of a run, read from Linux's `/proc`, and the files that Ctrl-C or an error leaves behind.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use unitok::text::TextEncoder;

use super::tiny;
use super::workspace::{Workspace, text_model};

/// Lines of a catalogue, with repeated titles as real catalogues have.
fn lines(items: std::ops::Range<usize>) -> String {
    items.map(|i| format!("{{\"id\": \"item {i}\", \"title\": \"green tea {}\", \"unused\": [1, 2, 3]}}\n", i % 500)).collect()
}

fn workspace() -> Workspace {
    let workspace = Workspace::new();
    workspace.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    workspace
}

/// Peak memory of a run, in bytes.
fn peak(mut run: Child) -> u64 {
    let status = format!("/proc/{}/status", run.id());
    let mut peak = 0;
    while run.try_wait().unwrap().is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = kilobytes.map_or(peak, |k| k * 1024);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(run.wait().unwrap().success());
    peak
}

#[test]
fn memory_grows_by_codes_and_ids_only() {
    let workspace = workspace();
    let peak_of = |items: usize| {
        let mut file = std::fs::File::create(workspace.path("a.jsonl")).unwrap();
        (0..items).step_by(10_000).for_each(|i| file.write_all(lines(i..i + 10_000).as_bytes()).unwrap());
        peak(workspace.command("tokenize --model wide --items a.jsonl --out i.json --device cpu --quiet").spawn().unwrap())
    };
    let (small, large) = (peak_of(20_000), peak_of(220_000));
    let growth = large.saturating_sub(small) / 200_000;
    // A million items in a gigabyte would allow 1,000 bytes each. Keeping the embeddings would add 100, and the lines another 100.
    assert!(growth < 500, "{growth} bytes an item: {small} for 20,000, {large} for 220,000");
}

#[test]
fn ctrl_c_leaves_no_file() {
    let workspace = workspace();
    assert!(Command::new("mkfifo").arg(workspace.path("endless.jsonl")).status().unwrap().success());
    let before = workspace.file_count();
    let mut command =
        workspace.command("tokenize --model wide --items endless.jsonl --out i.json --details d.jsonl --device cpu");
    let run = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = std::fs::OpenOptions::new().write(true).open(workspace.path("endless.jsonl")).unwrap();
    let mut next = 0;
    let mut interrupted = false;
    // Until the program closes its end of the pipe.
    while pipe.write_all(lines(next..next + 100).as_bytes()).is_ok() {
        next += 100;
        if next > 20_000 && !interrupted {
            interrupted = Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success();
        }
    }
    let output = run.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("nothing was written"), "{message}");
    assert_eq!((output.status.code(), workspace.file_count()), (Some(2), before));
}

#[test]
fn a_broken_line_ends_all_stages_and_names_its_line() {
    let workspace = workspace();
    workspace.write("a.jsonl", lines(0..5000) + "no item\n" + &lines(5000..20_000));
    let before = workspace.file_count();
    let error = workspace.error("tokenize --model wide --items a.jsonl --out i.json --device cpu");
    assert!(error.contains("line 5001 "), "{error}");
    assert_eq!(workspace.file_count(), before);
}
