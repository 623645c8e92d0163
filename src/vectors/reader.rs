//! Reading vectors in chunks, each row checked.

use std::ops::Range;

use super::layout::Header;
use super::source::{BadRow, Source};
use super::{BadRows, Contents, EmbeddingError, Layout, ReadOptions, RowFault, ids_file};
use crate::base::floats::first_not_finite;
use crate::base::ids::{Distinct, IdList, Seen};
use crate::base::words::counted;
use crate::model::TextConfig;

/// Rows dropped whose faults are kept as examples.
const EXAMPLES: usize = 3;

/// Some rows of a file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chunk {
    /// Row number of each, in the file.
    pub rows: Vec<usize>,
    /// `[rows][width]`.
    pub values: Vec<f32>,
}

/// An open embedding file.
pub struct Reader<'a> {
    name: String,
    source: Source<'a>,
    layout: Layout,
    ids: Option<IdList>,
    text: Option<TextConfig>,
    contents: Contents,
    options: ReadOptions,
    next: usize,
    seen: Seen,
    dropped: usize,
    first_dropped: Vec<RowFault>,
}

impl<'a> Reader<'a> {
    /// A reader that stands at the first row.
    pub(super) fn new(source: Source<'a>, header: Header, name: String, options: ReadOptions) -> Self {
        Self {
            name,
            source,
            layout: header.layout,
            ids: None,
            text: header.text,
            contents: header.contents,
            options,
            next: 0,
            seen: Seen::default(),
            dropped: 0,
            first_dropped: Vec::new(),
        }
    }

    /// Items, width and number format.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Encoder and template that made the vectors, where the file knows.
    pub fn text(&self) -> Option<&TextConfig> {
        self.text.as_ref()
    }

    /// What of the file is read as what.
    pub fn contents(&self) -> &Contents {
        &self.contents
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
    /// Their number differs from the rows', or a line is empty.
    pub fn set_ids_text(&mut self, text: &str) -> Result<(), EmbeddingError> {
        let ids = ids_file::parse(text).map_err(|what| self.ids_error(format!("ids.txt: {what}")))?;
        self.contents.ids = Some("ids.txt".into());
        self.set_ids(ids)
    }

    /// Gives the rows ids that `file`, which lies beside theirs, has as text, unless their own file has some or rows are to
    /// be numbered.
    pub(super) fn set_ids_beside(&mut self, file: String, text: &str) -> Result<(), EmbeddingError> {
        if self.has_ids() || self.options.ids.is_some() {
            self.contents.not_read.push(file);
            return Ok(());
        }
        let ids = ids_file::parse(text);
        let ids = ids.map_err(|what| EmbeddingError::Ids { name: file.clone(), what })?;
        self.contents.ids = Some(file);
        self.set_ids(ids)
    }

    /// Gives the rows ids as their file stores them.
    pub(super) fn set_stored_ids(&mut self, ids: Result<IdList, String>) -> Result<(), EmbeddingError> {
        let name = self.contents.ids.clone().unwrap_or_default();
        let ids = ids.map_err(|what| self.ids_error(format!("the ids, {name}: {what}")))?;
        self.set_ids(ids)
    }

    /// Gives the rows ids.
    pub(super) fn set_ids(&mut self, ids: IdList) -> Result<(), EmbeddingError> {
        if ids.len() != self.layout.rows {
            let from = self.contents.ids.as_ref().map_or(String::new(), |name| format!(" ({name})"));
            let (ids, rows) = (counted(ids.len(), "id"), counted(self.layout.rows, "row"));
            let what = format!("{ids} for {rows}{from}. Write values and ids together again");
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
            let (values, bad) = self.source.read_rows(rows.clone(), self.layout, &self.name)?;
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

    /// The good rows of a chunk.
    fn check(&mut self, rows: Range<usize>, mut values: Vec<f32>, bad: &[BadRow]) -> Result<Chunk, EmbeddingError> {
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
        (!self.seen.insert(id)).then_some((0, "an earlier row has the same id"))
    }

    fn drop_row(&mut self, fault: RowFault) -> Result<(), EmbeddingError> {
        if self.options.bad_rows == BadRows::Stop {
            let (name, row) = self.source.locate(fault.row, &self.name);
            return Err(EmbeddingError::Row { name, fault: RowFault { row, ..fault } });
        }
        self.dropped += 1;
        if self.first_dropped.len() < EXAMPLES {
            self.first_dropped.push(fault);
        }
        Ok(())
    }
}
