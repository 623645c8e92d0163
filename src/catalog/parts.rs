//! A catalogue in several files of text: the parts that Spark and others write into a folder.

use std::path::{Path, PathBuf};

use super::fields::Fields;
use super::records::{Position, Read, Records};
use super::source::records;
use super::{CatalogError, ReadOptions};
use crate::tables;

/// The records of all parts in a folder, one part after the other.
pub(super) struct Parts {
    rest: std::vec::IntoIter<PathBuf>,
    current: Box<dyn Records>,
    /// Bytes of the parts before the current one.
    bytes_before: u64,
    /// The fields of the parts that were read to their ends.
    fields: Option<Fields>,
}

impl Parts {
    /// Opens the first part that is not empty.
    ///
    /// # Errors
    /// The folder holds nothing, data of several kinds, or only empty parts; the part is no catalogue.
    pub(super) fn open(folder: &Path, options: &ReadOptions) -> Result<Self, CatalogError> {
        let mut rest = tables::files(folder)?.into_iter();
        let empty = || CatalogError::Empty { name: folder.display().to_string() };
        let current = next(&mut rest, options)?.ok_or_else(empty)?;
        Ok(Self { rest, current, bytes_before: 0, fields: None })
    }
}

/// The next part that is not empty: engines leave empty ones.
fn next(rest: &mut std::vec::IntoIter<PathBuf>, options: &ReadOptions) -> Result<Option<Box<dyn Records>>, CatalogError> {
    for part in rest {
        match records(tables::open(&part)?.into(), options) {
            Err(CatalogError::Empty { .. }) => {}
            part => return part.map(Some),
        }
    }
    Ok(None)
}

impl Records for Parts {
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError> {
        loop {
            match self.current.next(options)? {
                Read::End => {}
                read => return Ok(read),
            }
            match &mut self.fields {
                Some(fields) => fields.absorb(self.current.fields()),
                None => self.fields = Some(self.current.fields().clone()),
            }
            let Some(part) = next(&mut self.rest, options)? else { return Ok(Read::End) };
            self.bytes_before += self.current.position().bytes;
            self.current = part;
        }
    }

    fn position(&self) -> Position<'_> {
        let current = self.current.position();
        Position { bytes: self.bytes_before + current.bytes, ..current }
    }

    fn fields(&self) -> &Fields {
        self.fields.as_ref().unwrap_or_else(|| self.current.fields())
    }

    fn holds_rows(&self) -> bool {
        self.current.holds_rows()
    }

    fn nothing(&self) -> &'static str {
        self.current.nothing()
    }
}
