//! Files of other programs: what they are by their first bytes, and the line that turns them into an `.npy`.

use super::EmbeddingError;
use super::array::Array;
use super::contents::{Entry, ids_rank};
use super::foreign_text;
use super::python::{PICKLE, line as python, quoted, with_extension};

/// Formats by their first bytes, and how they are read in Python.
const BINARY: &[(&[u8], &str, Advice)] = &[
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", "a PyTorch file", Advice::Python(TORCH)),
    (b"\x89HDF\r\n\x1a\n", "HDF5", Advice::Python(HDF5)),
    (b"MATLAB 7.3", "a MATLAB file of version 7.3, which is HDF5", Advice::Python(HDF5)),
    (b"MATLAB", "a MATLAB file", Advice::Python(MATLAB)),
    (b"ARROW1", "an Arrow or Feather file", Advice::Parquet("pyarrow.feather.read_table({file})")),
    (b"FEA1", "a Feather file", Advice::Parquet("pyarrow.feather.read_table({file})")),
    (b"\xff\xff\xff\xff", "a stream of Arrow", Advice::Parquet("pyarrow.ipc.open_stream({file}).read_all()")),
    (b"ORC", "ORC", Advice::Parquet("pyarrow.orc.read_table({file})")),
    (b"PAR1", "a part of a Parquet file", Advice::Say("Give the file itself")),
    (b"\x1f\x8b", "compressed by gzip", Advice::Unpack("gzip")),
    (b"BZh", "compressed by bzip2", Advice::Unpack("bz2")),
    (b"\xfd7zXZ", "compressed by xz", Advice::Unpack("lzma")),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", Advice::Say("Unpack it by unzstd")),
    (b"\x04\x22\x4d\x18", "compressed by lz4", Advice::Say("Unpack it by unlz4")),
    (b"SQLite format 3", "a SQLite database", Advice::Say("Export the vectors as Parquet")),
    (b"version https://git-lfs", "a pointer of Git LFS to the file", Advice::Say("Fetch the file by git lfs pull")),
];

const TORCH: &str = "import torch, numpy; x = torch.load({file}, map_location='cpu'); x = x if torch.is_tensor(x) else next(t for t in x.values() if getattr(t, 'ndim', 0) == 2); numpy.save({npy}, x.detach().float().numpy())";
const HDF5: &str = "import h5py, numpy; f = h5py.File({file}, 'r'); numpy.save({npy}, next(d[()] for d in f.values() if getattr(d, 'ndim', 0) == 2).astype('<f4'))";
const MATLAB: &str = "import scipy.io, numpy; f = scipy.io.loadmat({file}); numpy.save({npy}, next(a for a in f.values() if getattr(a, 'ndim', 0) == 2).astype('<f4', order='C'))";
const FAISS: &str = "import faiss, numpy; i = faiss.read_index({file}); numpy.save({npy}, i.reconstruct_n(0, i.ntotal))";
const PICKLED: &str = "import pickle, numpy; x = pickle.load(open({file}, 'rb')); d = isinstance(x, dict); numpy.save({npy}, numpy.stack(list(x.values() if d else x)).astype('<f4')); d and open({ids}, 'w', encoding='utf-8').write('\\n'.join(map(str, x)))";
const JOBLIB: &str = "import joblib, numpy; numpy.save({npy}, numpy.stack(list(joblib.load({file}))).astype('<f4'))";
const FVECS: &str = "import numpy; a = numpy.fromfile({file}, '<f4').reshape(-1, {columns}); numpy.save({npy}, numpy.ascontiguousarray(a[:, 1:]))";
const WORD2VEC: &str = "import gensim, numpy; k = gensim.models.KeyedVectors.load_word2vec_format({file}, binary=True); numpy.save({npy}, k.vectors); open({ids}, 'w', encoding='utf-8').write('\\n'.join(k.index_to_key))";
const RAW: &str = "import numpy; numpy.save({npy}, numpy.fromfile({file}, '<f4').reshape(-1, {width}))";
const ARRAY_EACH: &str = "import numpy; z = numpy.load({file}); numpy.save({npy}, numpy.stack(list(z.values())).astype('<f4')); open({ids}, 'w', encoding='utf-8').write('\\n'.join(z.keys()))";
const SPARSE: &str = "import scipy.sparse, numpy; numpy.save({npy}, scipy.sparse.load_npz({file}).toarray().astype('<f4'))";

enum Advice {
    /// A line of Python.
    Python(&'static str),
    /// An expression of Python for a table, which is then written as Parquet.
    Parquet(&'static str),
    /// The module of Python that unpacks it.
    Unpack(&'static str),
    /// A sentence.
    Say(&'static str),
}

/// The error for a file that begins with `head` and has `size` bytes, if that is known.
pub(super) fn error(head: &[u8], size: Option<u64>, width: Option<usize>, name: String) -> EmbeddingError {
    let (what, remedy) = describe(head, size, width, &name);
    EmbeddingError::Foreign { name, what, remedy }
}

/// The error for a zip archive of files that are no arrays.
pub(super) fn zip(files: &[String], name: &str) -> EmbeddingError {
    let has = |end: &str| files.iter().any(|file| file.ends_with(end));
    let (what, remedy) = if has("data.pkl") {
        ("a PyTorch file", python(TORCH, name))
    } else if has("workbook.xml") {
        ("an Excel workbook", "Save the vectors as Parquet".into())
    } else {
        ("a zip archive without .npy files", "Unpack it by unzip, and give the file of the vectors".into())
    };
    EmbeddingError::Foreign { name: name.into(), what: what.into(), remedy }
}

/// The error for an `.npz` of which no array is the vectors, where it is a known kind.
pub(super) fn npz(entries: &[Entry], arrays: &[Array], name: &str) -> Option<EmbeddingError> {
    let has = |wanted: &str| entries.iter().any(|entry| entry.name == wanted);
    let (what, line) = if has("indptr") && has("indices") {
        ("a sparse matrix of SciPy", SPARSE)
    } else {
        let mut others = entries.iter().zip(arrays).filter(|(entry, _)| ids_rank(&entry.name).is_none()).map(|(_, array)| array);
        let first = others.next()?;
        let alike = first.shape.len() == 1 && first.shape[0] > 1 && others.all(|array| array.shape == first.shape);
        alike.then_some(("an .npz with an array for each item", ARRAY_EACH))?
    };
    Some(EmbeddingError::Foreign { name: name.into(), what: what.into(), remedy: python(line, name) })
}

fn describe(head: &[u8], size: Option<u64>, width: Option<usize>, name: &str) -> (String, String) {
    if head.is_empty() {
        return ("an empty file".into(), "Write or fetch it again".into());
    }
    if let Some((_, what, advice)) = BINARY.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return ((*what).into(), advice.text(name));
    }
    if head.starts_with(b"\x80") && head.get(1).is_some_and(|&protocol| (2..=5).contains(&protocol)) {
        let line = if name.ends_with(".joblib") { JOBLIB } else { PICKLED };
        return ("a Python pickle".into(), python(line, name) + PICKLE);
    }
    if matches!(head, [b'I', b'x' | b'w' | b'H' | b'B' | b'v' | b'2', _, _, ..]) && !head.is_ascii() {
        return ("an index of FAISS".into(), python(FAISS, name));
    }
    if head[0] == 0x78 && matches!(head.get(1), Some(0x01 | 0x5e | 0x9c | 0xda)) {
        return ("compressed by zlib, as joblib does".into(), python(JOBLIB, name) + PICKLE);
    }
    if let Some(described) = foreign_text::describe(head, name) {
        return described;
    }
    vectors_without_header(head, size, width, name).unwrap_or_else(|| {
        let start = head[..head.len().min(24)].escape_ascii();
        (format!("something else: it starts with \"{start}\""), "Save the array by numpy.save, or fetch the file again".into())
    })
}

/// Floats after a line of text (word2vec), after the length of each vector (`.fvecs`), or without any header.
fn vectors_without_header(head: &[u8], size: Option<u64>, width: Option<usize>, name: &str) -> Option<(String, String)> {
    let line = head.iter().take(40).position(|&byte| byte == b'\n').map(|end| head[..end].escape_ascii().to_string());
    if line.is_some_and(|line| line.split(' ').filter(|word| word.parse::<u32>().is_ok()).count() == 2) {
        return Some(("vectors of word2vec".into(), python(WORD2VEC, name)));
    }
    let size = size?;
    let columns = head.first_chunk().map_or(0, |length| u64::from(u32::from_le_bytes(*length)) + 1);
    if (3..100_000).contains(&columns) && size.is_multiple_of(4 * columns) {
        let line = python(FVECS, name).replace("{columns}", &columns.to_string());
        return Some((format!("vectors of {} floats, each after its length (.fvecs)", columns - 1), line));
    }
    let width = width.filter(|&width| size.is_multiple_of(4 * width as u64))?;
    let what = format!("bytes without a header, as many as float32 vectors of width {width} have");
    Some((what, python(RAW, name).replace("{width}", &width.to_string())))
}

impl Advice {
    fn text(&self, name: &str) -> String {
        match self {
            Self::Python(line) => python(line, name),
            Self::Parquet(table) => {
                let parquet = quoted(&with_extension(name, "parquet"));
                let line = format!(
                    "import pyarrow.feather, pyarrow.orc, pyarrow.parquet; pyarrow.parquet.write_table({table}, {parquet})"
                );
                python(&line, name)
            }
            Self::Unpack(module) => {
                let unpacked = std::path::Path::new(name).with_extension("").display().to_string();
                let unpacked = if unpacked == name { format!("{name}.npy") } else { unpacked };
                let line = format!(
                    "import {module}, shutil; shutil.copyfileobj({module}.open({{file}}), open({}, 'wb'))",
                    quoted(&unpacked)
                );
                python(&line, name)
            }
            Self::Say(sentence) => (*sentence).into(),
        }
    }
}
