//! Where vectors come from: a stream of bytes, or the columns of a Parquet file; and what their header says.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

#[cfg(feature = "parquet")]
use super::columns::Vectors;
use super::{EmbeddingError, Layout, npy, tensors};
use crate::base::send::MaybeSend;
use crate::model::TextConfig;

/// What is read from.
pub trait Stream: Read + Seek + MaybeSend {}
impl<T: Read + Seek + MaybeSend> Stream for T {}

/// Where values come from.
pub(super) enum Source<'a> {
    Stream(Box<dyn Stream + 'a>),
    #[cfg(feature = "parquet")]
    Columns(Box<Vectors>),
}

/// What is wrong with a row that has no values: the row, a column, why.
pub(super) type BadRow = (usize, usize, &'static str);

impl Source<'_> {
    /// Values of rows, which follow those of the call before, and which of them are none.
    pub(super) fn read_rows(
        &mut self,
        rows: Range<usize>,
        layout: Layout,
        name: &str,
    ) -> Result<(Vec<f32>, Vec<BadRow>), EmbeddingError> {
        #[cfg(feature = "parquet")]
        if let Self::Columns(vectors) = self {
            return Ok(vectors.read(rows)?);
        }
        let Layout { width, element, start, .. } = layout;
        let row_bytes = width * element.size();
        let bytes = self.read_bytes(start + (rows.start * row_bytes) as u64, rows.len() * row_bytes, name)?;
        let mut values = Vec::with_capacity(rows.len() * width);
        element.decode(&bytes, &mut values);
        Ok((values, Vec::new()))
    }

    /// Bytes that the header's check found to be in the file.
    pub(super) fn read_bytes(&mut self, start: u64, length: usize, name: &str) -> Result<Vec<u8>, EmbeddingError> {
        let mut bytes = vec![0; length];
        let read = match self {
            Self::Stream(stream) => stream.seek(SeekFrom::Start(start)).and_then(|_| stream.read_exact(&mut bytes)),
            #[cfg(feature = "parquet")]
            Self::Columns(_) => Ok(()),
        };
        read.map_err(|source| EmbeddingError::Io { name: name.into(), source })?;
        Ok(bytes)
    }
}

/// Layout, place of the ids, provenance.
pub(super) type Header = (Layout, Option<(u64, usize)>, Option<TextConfig>);

/// Tells the format by the first bytes and reads its header.
pub(super) fn read_header(stream: &mut Box<dyn Stream + '_>, size: u64, name: &str) -> Result<Header, EmbeddingError> {
    let io = |source| EmbeddingError::Io { name: name.into(), source };
    let mut head = Vec::new();
    stream.by_ref().take(64).read_to_end(&mut head).map_err(io)?;
    stream.seek(SeekFrom::Start(0)).map_err(io)?;
    if head.starts_with(npy::MAGIC) {
        let layout = npy::read_header(stream, name)?;
        check_size(&layout, size, name)?;
        return Ok((layout, None, None));
    }
    // Eight bytes of length, then JSON.
    if head.get(8) != Some(&b'{') {
        let start = head[..head.len().min(24)].escape_ascii().to_string();
        return Err(EmbeddingError::Foreign { name: name.into(), start });
    }
    let header = tensors::read_header(stream, size, name)?;
    Ok((header.layout, header.ids, header.text))
}

/// An `.npy` file holds exactly what its header says.
fn check_size(layout: &Layout, size: u64, name: &str) -> Result<(), EmbeddingError> {
    let factors = [layout.width as u64, layout.element.size() as u64];
    let data = factors.iter().try_fold(layout.rows as u64, |n, &f| n.checked_mul(f));
    let claimed = data.and_then(|d| d.checked_add(layout.start)).unwrap_or(u64::MAX);
    if claimed == size { Ok(()) } else { Err(EmbeddingError::Size { name: name.into(), claimed, found: size }) }
}
