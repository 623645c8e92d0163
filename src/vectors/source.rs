//! Where vectors come from: the bytes of a file, or a column of a Parquet file.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

#[cfg(feature = "parquet")]
use super::parquet::Vectors;
use super::{EmbeddingError, Layout};
use crate::base::parallel::MaybeSend;

/// A stream of bytes that can be read from any place.
pub trait Stream: Read + Seek + MaybeSend {}
impl<T: Read + Seek + MaybeSend> Stream for T {}

/// Where values come from.
pub(super) enum Source<'a> {
    /// The values one after the other, the first at byte `start`.
    Bytes { stream: Box<dyn Stream + 'a>, start: u64 },
    /// The values one after the other, of a pipe or a compressed array, which can be read only once.
    #[cfg(feature = "files")]
    Forward(Box<dyn Read + Send + 'a>),
    #[cfg(feature = "parquet")]
    Column(Box<Vectors>),
}

/// A row that has no values: the row, a column, why.
pub(super) type BadRow = (usize, usize, &'static str);

impl Source<'_> {
    /// The file of those that `name` stands for which holds a row, and the row's number in it.
    pub(super) fn locate(&self, row: usize, name: &str) -> (String, usize) {
        match self {
            #[cfg(feature = "parquet")]
            Self::Column(vectors) => vectors.locate(row),
            _ => (name.into(), row),
        }
    }

    /// Values of `rows`, which must follow those of the previous call, and the rows among them that have no values.
    pub(super) fn read_rows(
        &mut self,
        rows: Range<usize>,
        layout: Layout,
        name: &str,
    ) -> Result<(Vec<f32>, Vec<BadRow>), EmbeddingError> {
        let Layout { width, element, .. } = layout;
        match self {
            Self::Bytes { stream, start } => {
                let row_bytes = width * element.size();
                let first = *start + (rows.start * row_bytes) as u64;
                let bytes = read_bytes(stream, first, rows.len() * row_bytes, name)?;
                let mut values = Vec::with_capacity(rows.len() * width);
                element.decode(&bytes, &mut values);
                Ok((values, Vec::new()))
            }
            #[cfg(feature = "files")]
            Self::Forward(stream) => {
                let bytes = read_next(stream, rows.len() * width * element.size(), rows.end == layout.rows, name)?;
                let mut values = Vec::with_capacity(rows.len() * width);
                element.decode(&bytes, &mut values);
                Ok((values, Vec::new()))
            }
            #[cfg(feature = "parquet")]
            Self::Column(vectors) => Ok(vectors.read(rows)?),
        }
    }
}

/// Bytes that the header's check found to be in the file.
pub(super) fn read_bytes(stream: &mut dyn Stream, start: u64, length: usize, name: &str) -> Result<Vec<u8>, EmbeddingError> {
    let mut bytes = vec![0; length];
    let read = stream.seek(SeekFrom::Start(start)).and_then(|_| stream.read_exact(&mut bytes));
    read.map_err(|source| EmbeddingError::Io { name: name.into(), source })?;
    Ok(bytes)
}

/// The next bytes of a stream, and after the `last` its end. No more is allocated than there is.
#[cfg(feature = "files")]
fn read_next(stream: &mut dyn Read, length: usize, last: bool, name: &str) -> Result<Vec<u8>, EmbeddingError> {
    let io = |source| EmbeddingError::Io { name: name.into(), source };
    let mut bytes = Vec::new();
    stream.take(length as u64).read_to_end(&mut bytes).map_err(io)?;
    let rest = if last { stream.take(1).read_to_end(&mut Vec::new()).map_err(io)? } else { 0 };
    if bytes.len() == length && rest == 0 {
        return Ok(bytes);
    }
    let what = if rest > 0 { "bytes come after the last row" } else { "the bytes end before the last row" };
    let source = std::io::Error::new(std::io::ErrorKind::UnexpectedEof, format!("{what}: write or fetch it again"));
    Err(io(source))
}
