//! Catalogues from standard input, pipes and gzip files, by the program.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::tables::{plain, strings};

/// What `unitok info PATH --json` says of bytes on standard input, or its error.
fn info(folder: &Path, path: &str, input: &[u8]) -> Result<serde_json::Value, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unitok"));
    command.current_dir(folder).args(["info", path, "--json"]).stdin(Stdio::piped());
    let mut run = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = run.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // A few bytes at a time, as pipes may give them. The program may close the pipe early.
        let (head, tail) = input.split_at(input.len().min(3));
        let _ = stdin.write_all(head).and_then(|()| stdin.flush()).and_then(|()| stdin.write_all(tail));
    });
    let output = run.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(serde_json::from_str(&text(output.stdout)).unwrap()) } else { Err(text(output.stderr)) }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text).unwrap();
    packed.finish().unwrap()
}

const JSONL: &[u8] = b"{\"id\":1,\"title\":\"a\"}\n{\"id\":2,\"title\":\"b\"}\n";
const CSV: &[u8] = b"\xef\xbb\xbfid;title\r\n1;a\r\n2;b\r\n";

#[cfg(unix)]
#[test]
fn standard_input_is_read_whatever_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    for input in [JSONL, CSV, &gzip(JSONL), &gzip(CSV)] {
        for path in ["-", "/dev/stdin"] {
            let found = info(folder.path(), path, input).unwrap();
            assert_eq!(found["read"]["items"], 2, "{found}");
        }
    }
    plain(&folder.path().join("a.parquet"), vec![("id", strings([Some("1")]))]);
    let parquet = std::fs::read(folder.path().join("a.parquet")).unwrap();
    for path in ["-", "/dev/stdin"] {
        let error = info(folder.path(), path, &parquet).unwrap_err();
        assert!(error.contains("Parquet is read from its end, so it cannot come from a pipe"), "{error}");
    }
}

#[test]
fn gzip_files_are_read_by_their_inner_names_or_by_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let members = [gzip(CSV), gzip(b"3;c\r\n")].concat();
    for (name, bytes, items) in
        [("a.jsonl.gz", gzip(JSONL), 2), ("a.JSON.GZ", gzip(JSONL), 2), ("a.csv.gz", members, 3), ("b.csv", gzip(CSV), 2)]
    {
        write(name, &bytes);
        assert_eq!(info(folder.path(), name, b"").unwrap()["read"]["items"], items, "{name}");
    }
    let packed = gzip(JSONL);
    write("cut.jsonl.gz", &packed[..packed.len() - 4]);
    let error = info(folder.path(), "cut.jsonl.gz", b"").unwrap_err();
    assert!(error.contains("cut.jsonl.gz") && error.contains("cut short"), "{error}");
    write("a.jsonl.zst", b"\x28\xb5\x2f\xfd....");
    assert!(info(folder.path(), "a.jsonl.zst", b"").unwrap_err().contains("zstd -d a.jsonl.zst"));
}
