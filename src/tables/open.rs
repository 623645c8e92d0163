//! Opening an input by its path: a file, a pipe or standard input, unpacked where it is gzip.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::TableError;
use super::input::{BytesRead, Input, Stream};
use super::packed::{GZIP, PARQUET, packing};

/// Bytes that are read at a time.
const BUFFER: usize = 1 << 16;
/// Bytes that tell how a file is packed: an archive's begin with the name of its first file.
const HEAD: u64 = 300;

/// An input that was opened, to be read once from its beginning.
pub struct Opened {
    /// Name for messages: the path as it was given, or `standard input`.
    pub name: String,
    /// The bytes; those inside, where the file is gzip.
    pub stream: Box<dyn Stream>,
    /// Whether it was packed.
    pub(super) is_packed: bool,
    /// How many bytes of the file itself were read, for progress against [`super::size`].
    pub read: BytesRead,
}

impl From<Opened> for Input<'static> {
    fn from(Opened { name, stream, is_packed, read }: Opened) -> Self {
        let input = Self::new(name, stream);
        if is_packed { input.unpacked_from(read) } else { input }
    }
}

/// Opens a file, a pipe (`/dev/stdin`, a FIFO, a process substitution) or standard input (`-`), once.
///
/// Gzip is known by its first bytes, whatever the name, and unpacked while reading; `Format::from_extension` looks past
/// the `.gz` of a name.
///
/// # Errors
/// It cannot be opened, is a folder, or is packed in another way, which is named with the command that unpacks it; it is
/// Parquet from a pipe.
pub fn open(path: &Path) -> Result<Opened, TableError> {
    let name = name(path);
    if path.is_dir() {
        return Err(TableError::Folder { name });
    }
    let io = |source| TableError::Io { name: name.clone(), source };
    let file: Box<dyn Read + Send> = if is_stdin(path) { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(io)?) };
    let read = BytesRead::default();
    let mut file = BufReader::with_capacity(BUFFER, Counted { file, read: read.clone() });
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head).map_err(io)?;
    if head.starts_with(PARQUET) && is_read_once(path) {
        return Err(TableError::PipedParquet { name });
    }
    if let Some((what, remedy)) = packing(&head).filter(|_| !head.starts_with(GZIP)) {
        return Err(TableError::Packed { name, what, remedy });
    }
    let is_packed = head.starts_with(GZIP);
    let whole = Cursor::new(head).chain(file);
    let stream: Box<dyn Stream> = if is_packed {
        Box::new(BufReader::with_capacity(BUFFER, Unpacked(MultiGzDecoder::new(whole))))
    } else {
        Box::new(whole)
    };
    Ok(Opened { name, stream, is_packed, read })
}

/// Whether an input can be read only once, and has no size: standard input, a pipe or a device.
pub fn is_read_once(path: &Path) -> bool {
    is_stdin(path) || path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// The name of an input in messages.
fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".into() } else { path.display().to_string() }
}

/// Whether a path means standard input; a file of that name is `./-`.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

struct Counted<R> {
    file: R,
    read: BytesRead,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.add(count);
        Ok(count)
    }
}

/// Gzip, whose errors say what to do.
struct Unpacked<R>(R);

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let what = match error.kind() {
                io::ErrorKind::UnexpectedEof => {
                    "the gzip data ends too early: the file was cut short. Fetch or write it again".into()
                }
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                    format!("the gzip data is damaged ({error}). Fetch or write the file again")
                }
                _ => return error,
            };
            io::Error::new(error.kind(), what)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text).unwrap();
        packed.finish().unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<(Vec<u8>, u64)> {
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), bytes)?;
        let mut opened = open(file.path()).map_err(io::Error::other)?;
        let mut text = Vec::new();
        opened.stream.read_to_end(&mut text)?;
        Ok((text, opened.read.get()))
    }

    #[test]
    fn gzip_of_several_members_is_one_text_and_its_own_bytes_are_counted() {
        for length in [0, 1, 7, 8, 9, 200_000] {
            let text: Vec<u8> = (0..length).map(|i| (i * i) as u8).collect();
            let packed = [gzip(&text), gzip(b"end")].concat();
            assert_eq!(read(&text).unwrap(), (text.clone(), length));
            assert_eq!(read(&packed).unwrap(), ([&text[..], b"end"].concat(), packed.len() as u64));
        }
    }

    #[test]
    fn cut_damaged_and_other_archives_are_refused_in_words() {
        let mut packed = gzip(&vec![b'x'; 100_000]);
        assert!(read(&packed[..packed.len() - 9]).unwrap_err().to_string().contains("cut short"));
        let checksum = packed.len() - 6;
        packed[checksum] ^= 1;
        assert!(read(&packed).unwrap_err().to_string().contains("damaged"));
        for (head, command) in [(&b"\x28\xb5\x2f\xfd..."[..], "zstd -d"), (b"BZh91AY&SY", "bunzip2"), (b"\xfd7zXZ\0..", "unxz")] {
            assert!(read(head).unwrap_err().to_string().contains(command), "{command}");
        }
    }
}
