//! Opening an embedding file: its header, and the ids that belong to it.

use std::io::{Cursor, Read, SeekFrom};
use std::path::Path;

use super::layout::{Header, StoredIds};
#[cfg(feature = "parquet")]
use super::parquet::Vectors;
use super::source::{Source, Stream, read_bytes};
use super::stored_ids::from_json;
use super::{EmbeddingError, ReadOptions, Reader, ids_file, npy, tensors};
#[cfg(feature = "files")]
use super::{foreign, npz};
#[cfg(feature = "files")]
use crate::tables;

/// Bytes from the beginning that tell a format; one that is not read may be told by its first line.
const HEAD: u64 = if cfg!(feature = "files") { 1 << 16 } else { 64 };

/// Extensions of files that hold vectors, also of formats that are only named.
const EXTENSIONS: [&str; 18] = [
    "npy",
    "npz",
    "safetensors",
    "pt",
    "pth",
    "ckpt",
    "pkl",
    "pickle",
    "joblib",
    "h5",
    "hdf5",
    "mat",
    "faiss",
    "arrow",
    "feather",
    "fvecs",
    "bin",
    "vec",
];

/// Whether a path is named as a file of vectors is. Parquet and text may hold anything.
pub fn is_named_so(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    EXTENSIONS.iter().any(|name| extension.eq_ignore_ascii_case(name))
}

/// Opens an embedding file, with the ids beside it if there are any; `-` is the standard input.
///
/// # Errors
/// The file is damaged, of another kind or width, or its ids do not fit. Nothing is allocated on a header's word.
pub fn open(path: &Path, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let name = path.display().to_string();
    #[cfg(feature = "parquet")]
    if tables::is_parquet(path) {
        return open_parquet(path, name, options);
    }
    #[cfg(feature = "files")]
    if path.is_dir() {
        let what = "a folder without parts in Parquet".into();
        return Err(EmbeddingError::Foreign { name, what, remedy: "Give one of its files".into() });
    }
    #[cfg(feature = "files")]
    if tables::is_read_once(path) || is_gzip(path) {
        let tables::Opened { stream, name, .. } = tables::open(path)?;
        let mut reader = open_forward(Box::new(stream), name, options)?;
        add_ids_beside(&mut reader, path)?;
        return Ok(reader);
    }
    let io = |source| EmbeddingError::Io { name: name.clone(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    #[cfg(feature = "files")]
    let mut reader = if npz::is_zip(&file).map_err(io)? {
        npz::open(file, name.clone(), options)?
    } else {
        open_stream(Box::new(file), size, name.clone(), options)?
    };
    #[cfg(not(feature = "files"))]
    let mut reader = open_stream(Box::new(file), size, name.clone(), options)?;
    add_ids_beside(&mut reader, path)?;
    Ok(reader)
}

/// Gives the rows the ids of `FILE.ids.txt`, if there is one.
fn add_ids_beside(reader: &mut Reader<'_>, path: &Path) -> Result<(), EmbeddingError> {
    let Some(beside) = ids_file::find(path) else { return Ok(()) };
    let file = beside.display().to_string();
    let bytes = std::fs::read(&beside).map_err(|source| EmbeddingError::Io { name: file.clone(), source })?;
    let text = String::from_utf8(bytes).map_err(|e| EmbeddingError::Ids {
        name: file.clone(),
        what: format!("byte {} is not UTF-8: write it as UTF-8", e.utf8_error().valid_up_to()),
    })?;
    reader.set_ids_beside(file, &text)
}

#[cfg(feature = "files")]
fn is_gzip(path: &Path) -> bool {
    let mut head = [0; 2];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == [0x1f, 0x8b]
}

/// Reads `.npy` from a pipe or from gzip.
#[cfg(feature = "files")]
fn open_forward(mut stream: Box<dyn Read + Send>, name: String, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let mut head = Vec::new();
    stream.by_ref().take(HEAD).read_to_end(&mut head).map_err(|source| EmbeddingError::Io { name: name.clone(), source })?;
    if !head.starts_with(npy::MAGIC) {
        let format = match &head[..] {
            [b'P', b'K', ..] => "an archive (.npz)",
            [b'P', b'A', b'R', b'1', ..] => "Parquet",
            head if is_safetensors(head) => "safetensors",
            _ => return Err(foreign::error(&head, None, options.width, name)),
        };
        return Err(EmbeddingError::Forward { name, format });
    }
    let mut stream = Cursor::new(head).chain(stream);
    let header = npy::read_header(&mut stream, None, options.width, &name)?;
    header.layout.check_width(options.width, &name, None)?;
    named_in_npy(&options, &name)?;
    Ok(Reader::new(Source::Forward(Box::new(stream)), header, name, options))
}

#[cfg(feature = "parquet")]
fn open_parquet(path: &Path, name: String, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let table = tables::ParquetTable::open(path)?;
    let (vectors, header, ids) = Vectors::open(&table, &options)?;
    header.layout.check_width(options.width, &name, None)?;
    let mut reader = Reader::new(Source::Column(Box::new(vectors)), header, name, options);
    ids.map_or(Ok(()), |ids| reader.set_ids(ids))?;
    Ok(reader)
}

/// Reads an embedding file from memory; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_bytes<'a>(bytes: &'a [u8], name: &str, options: ReadOptions) -> Result<Reader<'a>, EmbeddingError> {
    from_stream(Cursor::new(bytes), bytes.len() as u64, name, options)
}

/// Reads from anything that is `size` bytes long.
///
/// # Errors
/// As [`open`].
pub fn from_stream<'a>(
    stream: impl Stream + 'a,
    size: u64,
    name: &str,
    options: ReadOptions,
) -> Result<Reader<'a>, EmbeddingError> {
    open_stream(Box::new(stream), size, name.into(), options)
}

fn open_stream<'a>(
    mut stream: Box<dyn Stream + 'a>,
    size: u64,
    name: String,
    options: ReadOptions,
) -> Result<Reader<'a>, EmbeddingError> {
    let mut header = read_header(&mut *stream, size, &options, &name)?;
    let ids = match header.ids.take() {
        Some(StoredIds::Text(text)) => Some(from_json(&text)),
        Some(StoredIds::Bytes(start, length, kind)) => Some(kind.read(&read_bytes(&mut *stream, start, length, &name)?)),
        None => None,
    };
    let start = header.start;
    let mut reader = Reader::new(Source::Bytes { stream, start }, header, name, options);
    ids.map_or(Ok(()), |ids| reader.set_stored_ids(ids))?;
    Ok(reader)
}

/// Tells the format by the first bytes and reads its header.
fn read_header(stream: &mut dyn Stream, size: u64, options: &ReadOptions, name: &str) -> Result<Header, EmbeddingError> {
    let io = |source| EmbeddingError::Io { name: name.into(), source };
    let mut head = Vec::new();
    Read::take(&mut *stream, HEAD).read_to_end(&mut head).map_err(io)?;
    stream.seek(SeekFrom::Start(0)).map_err(io)?;
    if head.starts_with(npy::MAGIC) {
        let header = npy::read_header(stream, Some(size), options.width, name)?;
        header.layout.check_width(options.width, name, Some(super::python::Place::npy(name)))?;
        named_in_npy(options, name)?;
        return Ok(header);
    }
    if is_safetensors(&head) {
        return tensors::read_header(stream, size, options, name);
    }
    #[cfg(feature = "files")]
    return Err(foreign::error(&head, Some(size), options.width, name.into()));
    #[cfg(not(feature = "files"))]
    Err(EmbeddingError::Foreign {
        name: name.into(),
        what: format!("it starts with \"{}\"", head[..head.len().min(24)].escape_ascii()),
        remedy: "Save the array by numpy.save; the program unitok also reads .npz and Parquet, and knows other formats".into(),
    })
}

/// Eight bytes of length, then JSON; a text may have a brace there too.
fn is_safetensors(head: &[u8]) -> bool {
    head.get(8) == Some(&b'{') && !head[..8].iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace())
}

/// An `.npy` file has no names.
fn named_in_npy(options: &ReadOptions, name: &str) -> Result<(), EmbeddingError> {
    let array = options.array.as_deref().map(|array| (array, "--array"));
    let ids = options.ids.as_deref().filter(|ids| !ids.is_empty()).map(|ids| (ids, "--field id"));
    let Some((wanted, option)) = array.or(ids) else { return Ok(()) };
    let found = format!("An .npy file has one array without a name, and ids beside it, one a line, in {name}.ids.txt");
    Err(EmbeddingError::NotThere { name: name.into(), wanted: wanted.into(), option, found })
}
