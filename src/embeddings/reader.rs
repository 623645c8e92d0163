//! Reading vectors in chunks, each row checked.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Element, EmbeddingError, Layout, RowFault, ids_file, ids_path, npy, tensors};
use crate::catalog::IdList;
#[cfg(feature = "parquet")]
use crate::columnar::{self, Vectors};
use crate::config::TextConfig;
use crate::floats::first_not_finite;
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

/// What is read from.
pub trait Stream: Read + Seek + MaybeSend {}
impl<T: Read + Seek + MaybeSend> Stream for T {}

/// Where values come from.
enum Source<'a> {
    Stream(Box<dyn Stream + 'a>),
    #[cfg(feature = "parquet")]
    Columns(Box<Vectors>),
}

/// What is wrong with a row that has no values: the row, a column, why.
type BadRow = (usize, usize, &'static str);

/// An open embedding file.
pub struct Reader<'a> {
    name: String,
    source: Source<'a>,
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
    #[cfg(feature = "parquet")]
    if columnar::is_parquet(path) {
        return open_columns(path, name, options);
    }
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

#[cfg(feature = "parquet")]
fn open_columns(path: &Path, name: String, options: ReadOptions) -> Result<Reader<'static>, EmbeddingError> {
    let table = columnar::Table::open(path)?;
    let (vectors, ids) = Vectors::open(&table)?;
    let layout = Layout { rows: vectors.rows, width: vectors.width, element: vectors.element, start: 0 };
    let text = table.note(columnar::TEXT).and_then(|text| serde_json::from_str(text).ok());
    let mut reader = Reader::with(Source::Columns(Box::new(vectors)), layout, text, name, options)?;
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
    Reader::new(Box::new(stream), size, name.into(), options)
}

impl<'a> Reader<'a> {
    fn new(mut stream: Box<dyn Stream + 'a>, size: u64, name: String, options: ReadOptions) -> Result<Self, EmbeddingError> {
        let (layout, ids, text) = read_header(&mut stream, size, &name)?;
        let mut reader = Self::with(Source::Stream(stream), layout, text, name, options)?;
        if let Some((start, length)) = ids {
            let bytes = reader.read_bytes(start, length)?;
            let ids = String::from_utf8(bytes).map_err(|e| reader.ids_error(format!("tensor ids is not UTF-8: {e}")))?;
            let ids = serde_json::from_str(&ids)
                .map_err(|e| reader.ids_error(format!("tensor ids is no JSON array of strings: {e}")))?;
            reader.set_ids(ids)?;
        }
        Ok(reader)
    }

    fn with(
        source: Source<'a>,
        layout: Layout,
        text: Option<TextConfig>,
        name: String,
        options: ReadOptions,
    ) -> Result<Self, EmbeddingError> {
        if let Some(expected) = options.width.filter(|&w| w != layout.width) {
            return Err(EmbeddingError::Width { name, found: layout.width, expected });
        }
        Ok(Self {
            name,
            source,
            layout,
            ids: None,
            text,
            options,
            next: 0,
            seen: Default::default(),
            dropped: 0,
            first_dropped: Vec::new(),
        })
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
            let (values, bad) = self.read_rows(rows.clone())?;
            self.next = rows.end;
            let chunk = self.check(rows, values, &bad)?;
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

    /// Values of rows, which follow those of the call before, and which of them are none.
    fn read_rows(&mut self, rows: std::ops::Range<usize>) -> Result<(Vec<f32>, Vec<BadRow>), EmbeddingError> {
        #[cfg(feature = "parquet")]
        if let Source::Columns(vectors) = &mut self.source {
            return Ok(vectors.read(rows)?);
        }
        let Layout { width, element, start, .. } = self.layout;
        let row_bytes = width * element.size();
        let bytes = self.read_bytes(start + (rows.start * row_bytes) as u64, rows.len() * row_bytes)?;
        let mut values = Vec::with_capacity(rows.len() * width);
        element.decode(&bytes, &mut values);
        Ok((values, Vec::new()))
    }

    /// The good rows of a chunk.
    fn check(&mut self, rows: std::ops::Range<usize>, mut values: Vec<f32>, bad: &[BadRow]) -> Result<Chunk, EmbeddingError> {
        let width = self.layout.width;
        let mut kept = Vec::with_capacity(rows.len());
        for (at, row) in rows.enumerate() {
            let known = bad.iter().find(|bad| bad.0 == row).map(|bad| (bad.1, bad.2));
            let own = at * width..(at + 1) * width;
            match known.or_else(|| self.fault(row, &values[own.clone()])) {
                None => {
                    if kept.len() < at {
                        values.copy_within(own, kept.len() * width);
                    }
                    kept.push(row);
                }
                Some((column, what)) => self.drop_row(RowFault { row, column, id: self.id(row), what })?,
            }
        }
        values.truncate(kept.len() * width);
        Ok(Chunk { rows: kept, values })
    }

    /// Column and reason.
    fn fault(&mut self, row: usize, values: &[f32]) -> Option<(usize, &'static str)> {
        if let Some(column) = first_not_finite(values) {
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
        let read = match &mut self.source {
            Source::Stream(stream) => stream.seek(SeekFrom::Start(start)).and_then(|_| stream.read_exact(&mut bytes)),
            #[cfg(feature = "parquet")]
            Source::Columns(_) => Ok(()),
        };
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
