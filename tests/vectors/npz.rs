//! Archives of arrays, as `numpy.savez` and `numpy.savez_compressed` write them.

use std::io::{Cursor, Write};
use std::path::Path;

use unitok::vectors::{self, ReadOptions};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An `.npy` of these bytes.
pub fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n");
    [b"\x93NUMPY\x01\x00".as_slice(), &(header.len() as u16).to_le_bytes(), header.as_bytes(), data].concat()
}

pub fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

pub fn archive(method: CompressionMethod, members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

type Read = Result<(Vec<f32>, Vec<String>, String), String>;

fn read(path: &Path, array: Option<&str>, ids: Option<&str>) -> Read {
    let options = ReadOptions { array: array.map(Into::into), ids: ids.map(Into::into), ..Default::default() };
    let mut reader = vectors::open(path, options).map_err(|e| e.to_string())?;
    let (mut values, mut rows) = (Vec::new(), Vec::new());
    while let Some(chunk) = reader.next_chunk(2).map_err(|e| e.to_string())? {
        values.extend(chunk.values);
        rows.extend(chunk.rows);
    }
    Ok((values, rows.into_iter().map(|row| reader.id(row)).collect(), reader.contents().to_string()))
}

fn matrix() -> Vec<u8> {
    npy("'<f4'", "(3, 2)", &floats(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
}

#[test]
fn stored_and_compressed_arrays_are_read_with_their_ids() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let wide: Vec<u8> = "x\0yyz\0".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    let kinds: [(&str, &str, Vec<u8>, [&str; 3]); 4] = [
        ("ids", "'<i8'", [7i64, -8, 9].iter().flat_map(|v| v.to_le_bytes()).collect(), ["7", "-8", "9"]),
        ("item_id", "'<u4'", [7u32, 8, 9].iter().flat_map(|v| v.to_le_bytes()).collect(), ["7", "8", "9"]),
        ("asin", "'<U2'", wide, ["x", "yy", "z"]),
        ("product_ids", "'|S2'", b"a\0bbc\0".to_vec(), ["a", "bb", "c"]),
    ];
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for (name, descr, data, expected) in &kinds {
            let ids = npy(descr, "(3,)", data);
            let members = [("emb.npy", matrix()), (&*format!("{name}.npy"), ids), ("price.npy", npy("'<f4'", "(3,)", &[0; 12]))];
            std::fs::write(&path, archive(method, &members)).unwrap();
            let (values, ids, contents) = read(&path, None, None).unwrap();
            assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            assert_eq!(ids, expected);
            assert_eq!(contents, format!("vectors: emb; ids: {name}; not read: price"));
            assert_eq!(read(&path, None, Some("")).unwrap().1, ["0", "1", "2"]);
        }
    }
}

#[test]
fn one_of_several_arrays_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let other = npy("'<f8'", "(3, 1)", &[1.0f64, 2.0, 3.0].iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>());
    let members = [("x.npy", matrix()), ("y.npy", other), ("key.npy", npy("'|u1'", "(3,)", &[4, 5, 6]))];
    std::fs::write(&path, archive(CompressionMethod::Stored, &members)).unwrap();
    let error = read(&path, None, None).unwrap_err();
    assert!(error.contains("x <f4 [3, 2], y <f8 [3, 1], key |u1 [3]. Choose one of [items, width]: --array x"), "{error}");
    let (values, ids, _) = read(&path, Some("y"), Some("key")).unwrap();
    assert_eq!((values, ids), (vec![1.0, 2.0, 3.0], vec!["4".to_string(), "5".into(), "6".into()]));
    let error = read(&path, Some("z"), None).unwrap_err();
    assert!(error.contains("no \"z\", which --array names"), "{error}");
}

#[test]
fn arrays_that_cannot_be_read_are_named_with_what_mends_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    type Entries<'a> = &'a [(&'a str, Vec<u8>)];
    let cases: [(Entries<'_>, &str); 6] = [
        (&[("e.npy", npy("'<f4'", "(6,)", &[1; 24]))], "array e: shape [6]"),
        (&[("e.npy", npy("'>f4'", "(3, 2)", &[1; 24]))], "numpy.load"),
        (&[("e.npy", matrix()), ("ids.npy", npy("'|O'", "(3,)", b"pickle"))], "astype(str)"),
        (&[("e.npy", matrix()), ("ids.npy", npy("'<i8'", "(2,)", &[1; 16]))], "ids of shape [2] for 3 rows"),
        (&[("a/data.pkl", vec![1]), ("a/data/0", vec![2])], "but a PyTorch file. Run in Python: import torch"),
        (
            &[("B01.npy", npy("'<f4'", "(2,)", &[1; 8])), ("B02.npy", npy("'<f4'", "(2,)", &[1; 8]))],
            "an .npz with an array for each item",
        ),
    ];
    for (members, says) in cases {
        std::fs::write(&path, archive(CompressionMethod::Deflated, members)).unwrap();
        let error = read(&path, None, None).unwrap_err();
        assert!(error.contains(says), "{says:?} is not in {error:?}");
    }
}

#[test]
fn nothing_that_an_archive_claims_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    let fails = |bytes: &[u8], says: &str| {
        std::fs::write(&path, bytes).unwrap();
        let error = read(&path, None, None).unwrap_err();
        assert!(error.contains(says), "{says:?} is not in {error:?}");
    };
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for shape in ["(1000000000000, 384)", "(4611686018427387904, 4611686018427387904)", "(4, 2)", "(2, 2)"] {
            fails(&archive(method, &[("e.npy", npy("'<f4'", shape, &[1; 24]))]), "the header describes");
        }
    }
    // A long array that its compressed bytes cannot hold.
    let mut bomb = archive(CompressionMethod::Deflated, &[("e.npy", npy("'<f4'", "(250000000, 4)", &[1; 24]))]);
    let size = (npy("'<f4'", "(250000000, 4)", &[]).len() as u32 + 4_000_000_000).to_le_bytes();
    let directory = bomb.windows(4).rposition(|four| four == b"PK\x01\x02").unwrap();
    bomb[directory + 24..directory + 28].copy_from_slice(&size);
    fails(&bomb, "the header describes");
    let whole = archive(CompressionMethod::Stored, &[("e.npy", matrix())]);
    let mut damaged = whole.clone();
    let values = whole.windows(4).position(|four| four == 6.0f32.to_le_bytes()).unwrap();
    damaged[values] ^= 1;
    fails(&damaged, "checksum");
    for length in 4..whole.len() {
        std::fs::write(&path, &whole[..length]).unwrap();
        read(&path, None, None).unwrap_err();
    }
    let mut random = 7u64;
    for _ in 0..2000 {
        let mut bytes = archive(CompressionMethod::Deflated, &[("e.npy", matrix()), ("ids.npy", npy("'<i8'", "(3,)", &[1; 24]))]);
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let at = (random >> 33) as usize % bytes.len();
        bytes[at] = (random >> 24) as u8;
        std::fs::write(&path, bytes).unwrap();
        let _ = read(&path, None, None);
    }
}
