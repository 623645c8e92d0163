//! Damaged and foreign Parquet files are refused with the file, the place and what to do, never with a panic or a hang.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use unitok::catalog;
use unitok::tokens::{Index, read_index};
use unitok::vectors;

use crate::tables::{floats, lists, plain, strings, vectors};

/// The errors of all three readers.
fn errors(path: &Path) -> [String; 3] {
    let items = catalog::open(path, &Default::default()).and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
    let vectors = vectors::open(path, Default::default()).and_then(|mut reader| reader.read_all());
    let text = |error: Option<String>| error.unwrap_or_default();
    [
        text(items.err().map(|e| e.to_string())),
        text(vectors.err().map(|e| e.to_string())),
        text(read_index::<Index>(path).err().map(|e| e.to_string())),
    ]
}

/// A good file that is a catalogue, vectors and an index at once.
fn good(path: &Path) -> Vec<u8> {
    let rows: Vec<_> = (0..20).map(|i| Some(vec![Some(i as f32), Some(1.0)])).collect();
    let ids: Vec<String> = (0..20).map(|i| format!("item {i}")).collect();
    let tokens: [&[&str]; 20] = [&["<a_1>", "<b_2>"]; 20];
    plain(
        path,
        vec![
            ("tokens", lists(&tokens)),
            ("id", strings(ids.iter().map(|id| Some(id.as_str())))),
            ("embedding", vectors(&rows)),
            ("title", strings(ids.iter().map(|id| Some(id.as_str())))),
        ],
    );
    std::fs::read(path).unwrap()
}

#[test]
fn what_is_no_parquet_file_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let whole = good(&path);
    assert_eq!(errors(&path), ["", "", ""]);
    let cases: [(&[u8], &str); 6] = [
        (b"", "it has 0 bytes"),
        (b"PAR1", "it has 4 bytes"),
        (b"<!DOCTYPE html><html>", "it starts with \"<!DO\""),
        (&whole[..whole.len() - 1], "cut short"),
        (b"PAREencryptedPARE", "it is encrypted"),
        (b"PAR1\xff\xff\xff\x7fPAR1", "footer"),
    ];
    for (bytes, says) in cases {
        std::fs::write(&path, bytes).unwrap();
        for error in errors(&path) {
            assert!(error.contains(says) && error.contains("a.parquet"), "{says:?} is not in {error:?}");
        }
    }
    // Named otherwise, but begun like one.
    let cut = folder.path().join("a.bin");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    assert!(errors(&cut).iter().all(|error| error.contains("cut short")));
}

#[test]
fn columns_that_are_missing_or_of_the_wrong_type_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let check = |columns: Vec<(&str, ArrayRef)>, says: [&str; 3]| {
        plain(&path, columns);
        for (error, says) in errors(&path).iter().zip(says) {
            assert!(error.contains(says), "{says:?} is not in {error:?}");
        }
    };
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    check(
        vec![("title", strings([Some("a"), None])), ("tokens", numbers.clone())],
        ["no id column among: title, tokens", "among: title (string), tokens (int64)", "no column of ids (item_id)"],
    );
    let ragged = lists(&[&["a", "b"], &["c"]]);
    check(
        vec![("id", lists(&[&["1"], &["2"]])), ("tokens", ragged.clone()), ("embedding", floats(&[1.0, 2.0]))],
        [
            "the id is neither a string nor a number",
            "column embedding is of type float32, expected lists of floats",
            "column id is of type list of string",
        ],
    );
    check(
        vec![("id", strings([Some("1"), None])), ("tokens", ragged.clone()), ("embedding", vectors(&[None, None]))],
        ["row 1: no id", "column embedding: no row has a vector", "row 1, column id: no id"],
    );
    check(
        vec![("id", strings([Some("1"), Some("2")])), ("tokens", ragged), ("embedding", vectors(&[Some(vec![]), None]))],
        ["", "no row has a vector", "item «2» has 1 token"],
    );
    check(
        vec![("id", strings([Some("1"), Some("1")])), ("tokens", lists(&[&["a"], &["b"]])), ("x", numbers)],
        ["", "or a single one of [items, width] floats", "item «1» appears twice"],
    );
    check(vec![("id", strings([])), ("embedding", vectors(&[]))], ["and no rows", "and no rows", "no column tokens"]);
}

#[test]
fn damage_anywhere_is_an_error_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.parquet");
    let whole = good(&path);
    let mut random = 1u64;
    for step in 0..1500 {
        let mut bytes = whole.clone();
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        // Every part of the footer, and the pages at random.
        let at = if step % 2 == 0 { bytes.len() - 8 - step / 2 % 700 } else { (random >> 33) as usize % bytes.len() };
        bytes[at] = bytes[at].wrapping_add(1 + (random >> 56) as u8 % 255);
        std::fs::write(&path, bytes).unwrap();
        errors(&path);
    }
    for end in (0..whole.len()).step_by(97) {
        let cut = [&whole[..end], b"PAR1"].concat();
        std::fs::write(&path, cut).unwrap();
        assert!(errors(&path).iter().all(|error| !error.is_empty()), "cut at {end}");
    }
}
