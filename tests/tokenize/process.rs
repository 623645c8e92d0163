//! What the system sees of a run: its memory, and what Ctrl-C leaves. Read from Linux's `/proc`.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use unitok::text::TextEncoder;

use super::{Desk, text_model, tiny};

/// Catalogue lines; titles repeat, as they do in catalogues.
fn lines(items: std::ops::Range<usize>) -> String {
    items.map(|i| format!("{{\"id\": \"item {i}\", \"title\": \"green tea {}\", \"unused\": [1, 2, 3]}}\n", i % 500)).collect()
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.model("wide", &tiny::model(TextEncoder::load(&text_model()).unwrap().width()));
    desk
}

/// Most memory that a run had, in bytes.
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
    let desk = desk();
    let peak_of = |items: usize| {
        let mut file = std::fs::File::create(desk.path("a.jsonl")).unwrap();
        (0..items).step_by(10_000).for_each(|i| file.write_all(lines(i..i + 10_000).as_bytes()).unwrap());
        peak(desk.command("tokenize --model wide --items a.jsonl --out i.json --device cpu --quiet").spawn().unwrap())
    };
    let (small, large) = (peak_of(20_000), peak_of(220_000));
    let growth = large.saturating_sub(small) / 200_000;
    // A million items in a gigabyte allows a thousand; their vectors alone would take a hundred, their lines another.
    assert!(growth < 500, "{growth} bytes an item: {small} for 20,000, {large} for 220,000");
}

#[test]
fn ctrl_c_leaves_no_file() {
    let desk = desk();
    assert!(Command::new("mkfifo").arg(desk.path("endless.jsonl")).status().unwrap().success());
    let files = || std::fs::read_dir(desk.0.path()).unwrap().count();
    let before = files();
    let mut command = desk.command("tokenize --model wide --items endless.jsonl --out i.json --details d.jsonl --device cpu");
    let run = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut pipe = std::fs::OpenOptions::new().write(true).open(desk.path("endless.jsonl")).unwrap();
    let mut next = 0;
    let mut interrupted = false;
    // Written until the program closes its end.
    while pipe.write_all(lines(next..next + 100).as_bytes()).is_ok() {
        next += 100;
        if next > 20_000 && !interrupted {
            interrupted = Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success();
        }
    }
    let output = run.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("nothing was written"), "{message}");
    assert_eq!((output.status.code(), files()), (Some(2), before));
}

#[test]
fn a_broken_line_ends_all_stages_and_names_its_line() {
    let desk = desk();
    desk.write("a.jsonl", lines(0..5000) + "no item\n" + &lines(5000..20_000));
    let files = || std::fs::read_dir(desk.0.path()).unwrap().count();
    let before = files();
    let error = desk.error("tokenize --model wide --items a.jsonl --out i.json --device cpu");
    assert!(error.contains("line 5001 "), "{error}");
    assert_eq!(files(), before);
}
