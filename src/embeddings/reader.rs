//! Reading vectors in chunks, each row checked.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Element, EmbeddingError, Layout, RowFault, ids_file, ids_path, npy, tensors};
use crate::catalog::IdList;
use crate::config::TextConfig;
use crate::send::MaybeSend;

/// Rows dropped whose faults are kept as examples.
const EXAMPLES: usize = 3;

/// What a bad row does: NaN, infinite, all zero, or with the id of an earlier one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BadRows {
    /// Ends the reading with an error.
    #[default]
    Stop,
    /// Is left out and counted.
    Drop,
}

/// Options of [`open`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Width that the rows must have.
    pub width: Option<usize>,
    /// Rule for bad rows.
    pub bad_rows: BadRows,
}

/// Some rows of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chunk {
    /// Row number of each, in the file.
    pub rows: Vec<usize>,
    /// `[rows][width]`.
    pub values: Vec<f32>,
}

pub trait Stream: Read + Seek + MaybeSend {}
impl<T: Read + Seek + MaybeSend> Stream for T {}

/// An open embedding file.
pub struct Reader<'a> {
    name: String,
    stream: Box<dyn Stream + 'a>,
    layout: Layout,
    ids: Option<IdList>,
    text: Option<TextConfig>,
    options: ReadOptions,
    next: usize,
    seen: (RandomState, HashSet<u64>),
    dropped: usize,
    first_dropped: Vec<RowFault>,
}

/// Opens an embedding file, with the ids beside it if there are any.
///
/// # Errors
/// The file is damaged, of another kind or width, or its ids do not fit. Nothing is allocated on a header's word.
pub fn open(path: &Path, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let name = path.display().to_string();
    let io = |source| EmbeddingError::Io { name: name.clone(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let size = file.metadata().map_err(io)?.len();
    let mut reader = Reader::new(Box::new(file), size, name.clone(), options)?;
    let beside = ids_path(path);
    if reader.ids.is_none() && beside.exists() {
        let text = std::fs::read_to_string(&beside);
        let text = text.map_err(|source| EmbeddingError::Io { name: beside.display().to_string(), source })?;
        reader.set_ids_text(&text)?;
    }
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
    Reader::new(Box::new(stream), size, name.into(), options)
}

impl<'a> Reader<'a> {
    fn new(mut stream: Box<dyn Stream + 'a>, size: u64, name: String, options: ReadOptions) -> Result<Self, EmbeddingError> {
        let (layout, ids, text) = read_header(&mut stream, size, &name)?;
        if let Some(expected) = options.width.filter(|&w| w != layout.width) {
            return Err(EmbeddingError::Width { name, found: layout.width, expected });
        }
        let mut reader = Self {
            name,
            stream,
            layout,
            ids: None,
            text,
            options,
            next: 0,
            seen: Default::default(),
            dropped: 0,
            first_dropped: Vec::new(),
        };
        if let Some((start, length)) = ids {
            let bytes = reader.read_bytes(start, length)?;
            let ids = String::from_utf8(bytes).map_err(|e| reader.ids_error(format!("tensor ids is not UTF-8: {e}")))?;
            let ids = serde_json::from_str(&ids)
                .map_err(|e| reader.ids_error(format!("tensor ids is no JSON array of strings: {e}")))?;
            reader.set_ids(ids)?;
        }
        Ok(reader)
    }

    /// Items, width and number format.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Encoder and template that made the vectors, where the file knows.
    pub fn text(&self) -> Option<&TextConfig> {
        self.text.as_ref()
    }

    /// Whether the file brings ids.
    pub fn has_ids(&self) -> bool {
        self.ids.is_some()
    }

    /// Id of a row: the file's, or the row number.
    pub fn id(&self, row: usize) -> String {
        let given = self.ids.as_ref().and_then(|ids| ids.get(row));
        given.map_or_else(|| row.to_string(), ToOwned::to_owned)
    }

    /// Rows dropped so far, and the first few of them.
    pub fn dropped(&self) -> (usize, &[RowFault]) {
        (self.dropped, &self.first_dropped)
    }

    /// Gives the rows ids from the text of an `ids.txt`.
    ///
    /// # Errors
    /// Their number differs from the rows'.
    pub fn set_ids_text(&mut self, text: &str) -> Result<(), EmbeddingError> {
        let ids = ids_file::parse(text).map_err(|what| self.ids_error(format!("ids.txt: {what}")))?;
        self.set_ids(ids)
    }

    fn set_ids(&mut self, ids: IdList) -> Result<(), EmbeddingError> {
        if ids.len() != self.layout.rows {
            let what = format!("{} ids for {} rows. Write values and ids together again", ids.len(), self.layout.rows);
            return Err(self.ids_error(what));
        }
        self.ids = Some(ids);
        Ok(())
    }

    fn ids_error(&self, what: String) -> EmbeddingError {
        EmbeddingError::Ids { name: self.name.clone(), what }
    }

    /// The next rows, at most `count`; nothing at the end. Dropped rows leave gaps in [`Chunk::rows`].
    ///
    /// # Errors
    /// A bad row, if the rule is to stop; or none but bad rows.
    pub fn next_chunk(&mut self, count: usize) -> Result<Option<Chunk>, EmbeddingError> {
        while self.next < self.layout.rows {
            let rows = self.next..self.layout.rows.min(self.next + count.max(1));
            let row_bytes = self.layout.width * self.layout.element.size();
            let start = self.layout.start + (rows.start * row_bytes) as u64;
            let bytes = self.read_bytes(start, rows.len() * row_bytes)?;
            self.next = rows.end;
            let chunk = self.check(rows, &bytes)?;
            if !chunk.rows.is_empty() {
                return Ok(Some(chunk));
            }
        }
        match self.first_dropped.first() {
            Some(fault) if self.dropped == self.layout.rows => {
                Err(EmbeddingError::NoRows { name: self.name.clone(), rows: self.dropped, fault: fault.clone() })
            }
            _ => Ok(None),
        }
    }

    /// All rows at once.
    ///
    /// # Errors
    /// As [`Self::next_chunk`].
    pub fn read_all(&mut self) -> Result<Chunk, EmbeddingError> {
        Ok(self.next_chunk(self.layout.rows)?.unwrap_or_default())
    }

    fn check(&mut self, rows: std::ops::Range<usize>, bytes: &[u8]) -> Result<Chunk, EmbeddingError> {
        let Layout { width, element, .. } = self.layout;
        let mut chunk = Chunk { rows: Vec::with_capacity(rows.len()), values: Vec::with_capacity(rows.len() * width) };
        for (row, bytes) in rows.zip(bytes.chunks_exact(width * element.size())) {
            let start = chunk.values.len();
            element.decode(bytes, &mut chunk.values);
            match self.fault(row, &chunk.values[start..]) {
                None => chunk.rows.push(row),
                Some((column, what)) => {
                    chunk.values.truncate(start);
                    self.drop_row(RowFault { row, column, id: self.id(row), what })?;
                }
            }
        }
        Ok(chunk)
    }

    /// Column and reason.
    fn fault(&mut self, row: usize, values: &[f32]) -> Option<(usize, &'static str)> {
        if let Some(column) = values.iter().position(|v| !v.is_finite()) {
            return Some((column, "not a finite number (NaN, infinite, or beyond 32-bit floats)"));
        }
        if values.iter().all(|&v| v == 0.0) {
            return Some((0, "the whole row is zero"));
        }
        let id = self.ids.as_ref()?.get(row)?;
        let new = self.seen.1.insert(self.seen.0.hash_one(id));
        (!new).then_some((0, "an earlier row has the same id"))
    }

    fn drop_row(&mut self, fault: RowFault) -> Result<(), EmbeddingError> {
        if self.options.bad_rows == BadRows::Stop {
            return Err(EmbeddingError::Row { name: self.name.clone(), fault });
        }
        self.dropped += 1;
        if self.first_dropped.len() < EXAMPLES {
            self.first_dropped.push(fault);
        }
        Ok(())
    }

    /// Bytes that the header's check found to be in the file.
    fn read_bytes(&mut self, start: u64, length: usize) -> Result<Vec<u8>, EmbeddingError> {
        let mut bytes = vec![0; length];
        let read = self.stream.seek(SeekFrom::Start(start)).and_then(|_| self.stream.read_exact(&mut bytes));
        read.map_err(|source| EmbeddingError::Io { name: self.name.clone(), source })?;
        Ok(bytes)
    }
}

/// Layout, place of the ids, provenance.
type Header = (Layout, Option<(u64, usize)>, Option<TextConfig>);

/// Tells the format by the first bytes and reads its header.
fn read_header(stream: &mut Box<dyn Stream + '_>, size: u64, name: &str) -> Result<Header, EmbeddingError> {
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

impl Layout {
    /// The number format's name.
    pub fn element_name(&self) -> &'static str {
        match self.element {
            Element::F16 => "f16",
            Element::Bf16 => "bf16",
            Element::F32 => "f32",
            Element::F64 => "f64",
        }
    }
}
