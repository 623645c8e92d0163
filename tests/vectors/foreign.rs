//! Files of other programs are named, with what turns them into vectors.

use unitok::vectors::{self, ReadOptions};

use crate::npz::{floats, npy};

fn error(name: &str, bytes: &[u8], width: Option<usize>) -> String {
    let options = ReadOptions { width, ..Default::default() };
    let read = vectors::from_bytes(bytes, name, options);
    read.err().unwrap_or_else(|| panic!("{name} was read")).to_string()
}

#[test]
fn formats_are_told_by_their_first_bytes() {
    let fvecs = [&2u32.to_le_bytes()[..], &floats(&[1.0, 2.0])].concat().repeat(3);
    let cases: [(&str, &[u8], &str, &str); 24] = [
        ("e.pt", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a PyTorch file", "torch.load('e.pt'"),
        ("e.pkl", b"\x80\x04\x95abc", "a Python pickle", "Only if you trust the file"),
        ("e.joblib", b"\x80\x04\x95abc", "a Python pickle", "joblib.load"),
        ("e.joblib", b"\x78\x9cabc", "compressed by zlib", "joblib.load"),
        ("e.h5", b"\x89HDF\r\n\x1a\nabc", "HDF5", "h5py.File('e.h5', 'r')"),
        ("e.mat", b"MATLAB 5.0 MAT-file", "a MATLAB file", "loadmat"),
        ("e.mat", b"MATLAB 7.3 MAT-file", "which is HDF5", "h5py"),
        ("e.faiss", b"IxFI\x80\x01\x00\x00", "an index of FAISS", "reconstruct_n"),
        (
            "e.feather",
            b"ARROW1\0\0",
            "an Arrow or Feather file",
            "write_table(pyarrow.feather.read_table('e.feather'), 'e.parquet')",
        ),
        ("e.arrow", b"\xff\xff\xff\xff\x10\x01", "a stream of Arrow", "open_stream"),
        ("d/e.npy.gz", b"\x1f\x8b\x08", "compressed by gzip", "open('d/e.npy', 'wb')"),
        ("e.npy", b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS", "git lfs pull"),
        ("e.npy", b"\n<!DOCTYPE html><html>", "an HTML page", "Fetch the file again"),
        ("e.npy", b"", "an empty file", "again"),
        ("e.json", b"[[1.0, 2.0],\n[3, 4]]", "JSON", "json.load(open('e.json'))"),
        ("e.json", b"{\"a\": [1.0, 2.0]}", "JSON", "x.values()"),
        ("e.jsonl", b"{\"id\": 1, \"vector\": [1.0]}\n", "JSON", "lines=True); numpy.save('e.npy', numpy.stack(t['vector'])"),
        ("i.json", b"{\"a\": [\"<a_1>\"]}", "JSON without vectors", "unitok embed --items i.json"),
        ("e.csv", b"0.5,1.5\n2,3\n", "a text of numbers", "loadtxt('e.csv', '<f4', delimiter=',', skiprows=0"),
        ("e.tsv", b"d0\td1\n0.5\t1.5\n", "a text of numbers", "delimiter='\\t', skiprows=1"),
        (
            "g.txt",
            b"the 0.5 1.5\nof 0.1 -2e-3\n",
            "a text of ids and numbers",
            "rsplit(None, 2) for l in open('g.txt', encoding='utf-8')][0:]",
        ),
        ("w.vec", b"2 3\nthe 0.5 1.5 1\nof 0.1 2 3\n", "a text of ids and numbers", "rsplit(None, 3)"),
        ("w.bin", b"2 3\nthe \x00\x01\x80\xff", "vectors of word2vec", "load_word2vec_format"),
        ("x.fvecs", &fvecs, "vectors of 2 floats, each after its length", "reshape(-1, 3)"),
    ];
    for (name, bytes, what, remedy) in cases {
        let error = error(name, bytes, None);
        assert!(error.contains(what) && error.contains(remedy), "{what:?} or {remedy:?} is not in {error:?}");
    }
    let raw = error("x.f32", &floats(&[0.1; 12]), Some(4));
    assert!(raw.contains("reshape(-1, 4)"), "{raw}");
    assert!(error("x", &[1, 2, 3, 200], Some(4)).contains("something else: it starts with"));
}

#[test]
fn arrays_are_mended_by_one_line() {
    let cases = [
        (npy("'<f4'", "(6,)", &[1; 24]), "a.reshape(3, 2)"),
        (npy("'<f4'", "(3, 1, 2)", &[1; 24]), "a.reshape(3, 2)"),
        (npy("'<f4'", "(2, 3)", &[1; 24]), "rows and columns may be exchanged"),
        (npy("'|O'", "(3,)", &[1; 24]), "numpy.stack(list(a))"),
        (npy("'|O'", "()", &[1; 24]), "a.item().values()"),
        (npy("'<i4'", "(3, 2)", &[1; 24]), "a.astype('<f4', order='C')"),
        (npy("'<c8'", "(3, 2)", &[1; 48]), "a.real.astype"),
        (npy("[('id', '<i8'), ('v', '<f4', (2,))]", "(3,)", &[1; 48]), "a[n].ndim == 2"),
    ];
    for (bytes, says) in cases {
        let error = error("e.npy", &bytes, Some(2));
        assert!(error.contains(says), "{says:?} is not in {error:?}");
    }
}
