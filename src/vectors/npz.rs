//! Arrays of an `.npz` file, stored or compressed, read as a stream.
//!
//! `zip` reads the archive's directory, `flate2` the data: a reader of `zip` borrows the archive, and this one has to live
//! as long as the file is read. What the directory and the headers claim is believed only as far as they agree and as a
//! compressed array of that length can hold it.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};

use flate2::bufread::DeflateDecoder;
use flate2::{Crc, CrcReader};
use zip::{CompressionMethod, ZipArchive};

use super::array::Array;
use super::contents::{Chosen, Entry, choose};
use super::layout::Header;
use super::python::{Place, as_strings};
use super::source::Source;
use super::stored_ids::IdKind;
use super::{EmbeddingError, ReadOptions, Reader, foreign, npy};
use crate::base::ids::IdList;
use crate::base::words::counted;

/// The most that a byte of DEFLATE can stand for.
const MAX_RATIO: u64 = 1032;

/// An array in the archive.
struct Member {
    /// Without `.npy`.
    name: String,
    /// First byte and length in the archive.
    start: u64,
    stored: u64,
    /// Length when unpacked.
    size: u64,
    deflated: bool,
    crc: u32,
}

/// Whether a file begins as a zip archive does.
pub(super) fn is_zip(mut file: &File) -> io::Result<bool> {
    let mut head = [0; 4];
    let read = file.read_exact(&mut head);
    file.seek(SeekFrom::Start(0))?;
    match read {
        Ok(()) => Ok(head == *b"PK\x03\x04"),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Opens an archive at its array of vectors.
///
/// # Errors
/// It is damaged, or another kind of zip archive; no array fits, or several do.
pub(super) fn open(file: File, name: String, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let members = members(&file, &name)?;
    let arrays = members.iter().map(|member| header(&file, member, &name)).collect::<Result<Vec<_>, _>>()?;
    let entries: Vec<Entry> = members.iter().zip(&arrays).map(|(member, array)| entry(member, array)).collect();
    let chosen = choose(&entries, options.array.as_deref(), options.ids.as_deref(), &name);
    let Chosen { vectors, ids, contents } = chosen.map_err(|error| foreign::npz(&entries, &arrays, &name).unwrap_or(error))?;
    let (member, array) = (&members[vectors], &arrays[vectors]);
    let (place, full_name) = (Place::npz(&name, &member.name), format!("{name}, array {}", member.name));
    let layout = npy::layout(array, &place, options.width, &full_name)?;
    layout.check_width(options.width, &full_name, Some(place))?;
    check_size(member, array.start, layout.bytes(), &full_name)?;
    let ids = ids.map(|at| read_ids(&file, &members[at], &arrays[at], layout.rows, &name)).transpose()?;
    let mut values = stream(&file, member).map_err(|source| EmbeddingError::Io { name: name.clone(), source })?;
    npy::read_array(&mut values, &full_name)?;
    let header = Header { layout, start: 0, ids: None, text: None, contents };
    let mut reader = Reader::new(Source::Forward(values), header, name, options);
    ids.map_or(Ok(()), |ids| reader.set_stored_ids(ids))?;
    Ok(reader)
}

/// The arrays of an archive.
fn members(file: &File, name: &str) -> Result<Vec<Member>, EmbeddingError> {
    let damaged = |what: String| EmbeddingError::Header { name: name.into(), byte: 0, what: format!("the zip archive: {what}") };
    let clone = file.try_clone().map_err(|source| EmbeddingError::Io { name: name.into(), source })?;
    let mut archive = ZipArchive::new(BufReader::new(clone)).map_err(|e| damaged(e.to_string()))?;
    let (mut members, mut others) = (Vec::new(), Vec::new());
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|e| damaged(e.to_string()))?;
        let full_name = entry.name().map_err(|e| damaged(e.to_string()))?.into_owned();
        let Some(array) = full_name.strip_suffix(".npy") else {
            others.push(full_name);
            continue;
        };
        let deflated = match entry.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            other => return Err(damaged(format!("{full_name} is packed by {other}; numpy.savez_compressed uses deflate"))),
        };
        if entry.encrypted() {
            return Err(damaged(format!("{full_name} is encrypted")));
        }
        let start = entry.data_start().ok_or_else(|| damaged(format!("{full_name} has no data")))?;
        let (stored, size, crc) = (entry.compressed_size(), entry.size(), entry.crc32());
        members.push(Member { name: array.into(), start, stored, size, deflated, crc });
    }
    if members.is_empty() { Err(foreign::zip(&others, name)) } else { Ok(members) }
}

/// The header of an array.
fn header(file: &File, member: &Member, name: &str) -> Result<Array, EmbeddingError> {
    let mut stream = stream(file, member).map_err(|source| EmbeddingError::Io { name: name.into(), source })?;
    npy::read_array(&mut stream, &format!("{name}, array {}", member.name))
}

fn entry(member: &Member, array: &Array) -> Entry {
    let is_matrix = array.element().is_some() && array.shape.len() == 2;
    Entry { name: member.name.clone(), kind: format!("{} {:?}", array.descr, array.shape), is_matrix }
}

/// Refuses an array whose header, with values of `data` bytes, and whose place in the archive do not fit.
fn check_size(member: &Member, start: u64, data: Option<u64>, name: &str) -> Result<(), EmbeddingError> {
    let claimed = data.and_then(|data| data.checked_add(start)).unwrap_or(u64::MAX);
    let most = if member.deflated { member.stored.saturating_mul(MAX_RATIO) } else { member.stored };
    let found = member.size.min(most);
    if claimed == found { Ok(()) } else { Err(EmbeddingError::Size { name: name.into(), claimed, found }) }
}

/// The bytes of an array from its header on; their checksum is compared at the end.
fn stream(file: &File, member: &Member) -> io::Result<Box<dyn Read + Send>> {
    let mut file = file.try_clone()?;
    file.seek(SeekFrom::Start(member.start))?;
    let stored = BufReader::with_capacity(1 << 16, file.take(member.stored));
    Ok(if member.deflated {
        Box::new(Checked {
            stream: CrcReader::new(BufReader::with_capacity(1 << 16, DeflateDecoder::new(stored))),
            crc: member.crc,
        })
    } else {
        Box::new(Checked { stream: CrcReader::new(stored), crc: member.crc })
    })
}

/// A stream that fails at its end if its checksum is another.
struct Checked<R> {
    stream: CrcReader<R>,
    crc: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        let crc: &Crc = self.stream.crc();
        if count == 0 && !buffer.is_empty() && crc.sum() != self.crc {
            return Err(io::Error::new(ErrorKind::InvalidData, "the checksum in the archive is another: it is damaged"));
        }
        Ok(count)
    }
}

/// The ids of `rows` vectors from an array of strings or whole numbers.
fn read_ids(
    file: &File,
    member: &Member,
    array: &Array,
    rows: usize,
    name: &str,
) -> Result<Result<IdList, String>, EmbeddingError> {
    let ids_error = |what: String| EmbeddingError::Ids { name: format!("{name}, array {}", member.name), what };
    let kind = id_kind(&array.descr).ok_or_else(|| {
        let remedy = as_strings(name, &member.name);
        ids_error(format!("ids of type '{}' cannot be read, only strings and whole numbers. {remedy}", array.descr))
    })?;
    let count = array.shape.iter().try_fold(1usize, |n, &axis| n.checked_mul(axis));
    if count != Some(rows) {
        return Err(ids_error(format!(
            "ids of shape {:?} for {}. Write values and ids together again",
            array.shape,
            counted(rows, "row")
        )));
    }
    let length = (rows as u64).checked_mul(kind.size() as u64);
    check_size(member, array.start, length, name)?;
    let io = |source| EmbeddingError::Io { name: name.into(), source };
    let (mut stream, mut bytes) = (stream(file, member).map_err(io)?, Vec::new());
    npy::read_array(&mut stream, name)?;
    stream.read_to_end(&mut bytes).map_err(io)?;
    Ok(kind.read(&bytes))
}

fn id_kind(descr: &str) -> Option<IdKind> {
    let (order, kind) = descr.split_at_checked(1)?;
    let (kind, size) = (kind.chars().next()?, kind.get(1..)?.parse().ok()?);
    match (order, kind) {
        ("<", 'U') => Some(IdKind::Utf32(size)),
        ("|", 'S') => Some(IdKind::Utf8(size)),
        ("<" | "|", 'i') if matches!(size, 1 | 2 | 4 | 8) => Some(IdKind::Signed(size)),
        ("<" | "|", 'u') if matches!(size, 1 | 2 | 4 | 8) => Some(IdKind::Unsigned(size)),
        _ => None,
    }
}
