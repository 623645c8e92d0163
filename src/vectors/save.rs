//! Embedding files written whole or not at all.

use std::path::{Path, PathBuf};

#[cfg(feature = "parquet")]
use super::parquet_writer::VectorsWriter;
use super::{Element, EmbeddingError, FileFormat, Writer, ids_file, ids_path};
use crate::base::files::{Destination, Draft, WriteError};
use crate::base::ids::IdList;
use crate::model::TextConfig;

/// Writes a file beside its final place and renames it when complete. Dropped before that, it leaves nothing.
pub struct Saver {
    destination: Destination,
    sink: Sink,
}

enum Sink {
    Flat(FileFormat, Box<Writer<Draft>>),
    #[cfg(feature = "parquet")]
    Columns(Box<VectorsWriter<Draft>>),
}

/// What a file will be.
#[derive(Clone, Copy)]
enum Kind {
    Flat(FileFormat),
    #[cfg(feature = "parquet")]
    Columns,
}

impl Saver {
    /// Begins `path`; its extension (`.npy`, `.safetensors`, `.parquet`) tells the format. A pipe or device without one gets
    /// safetensors, which have room for the ids.
    ///
    /// # Errors
    /// Another extension, or what the system says.
    pub fn create(path: &Path, width: usize, element: Element, text: Option<TextConfig>) -> Result<Self, EmbeddingError> {
        let begin = || -> std::io::Result<Self> {
            let destination = Destination::resolve(path)?;
            let sink = match kind(&destination)? {
                Kind::Flat(format) => {
                    let out = Draft::seekable(&destination)?;
                    Sink::Flat(format, Box::new(Writer::new(out, format, width, element, text)?))
                }
                #[cfg(feature = "parquet")]
                Kind::Columns => {
                    let out = Draft::create(&destination)?;
                    Sink::Columns(Box::new(VectorsWriter::new(out, width, element == Element::F16, text.as_ref())?))
                }
            };
            Ok(Self { destination, sink })
        };
        begin().map_err(EmbeddingError::Write)
    }

    /// Where the ids will lie that belong to `destination`: beside an `.npy` file, or a pipe that is called so.
    ///
    /// # Errors
    /// The extension tells no format.
    pub fn ids_beside(destination: &Destination) -> Result<Option<PathBuf>, WriteError> {
        let npy = matches!(kind(destination)?, Kind::Flat(FileFormat::Npy));
        Ok(npy.then(|| ids_path(destination.file().unwrap_or(destination.given()))))
    }

    /// Appends one vector of the file's width.
    ///
    /// # Errors
    /// What the system says.
    pub fn push(&mut self, id: &str, values: &[f32]) -> Result<(), EmbeddingError> {
        let pushed = match &mut self.sink {
            Sink::Flat(_, writer) => writer.push(id, values),
            #[cfg(feature = "parquet")]
            Sink::Columns(writer) => writer.push(id, values),
        };
        pushed.map_err(EmbeddingError::Write)
    }

    /// Completes the file, and for `.npy` the ids beside it.
    ///
    /// # Errors
    /// What the system says; then the file is not touched.
    pub fn finish(self) -> Result<(), EmbeddingError> {
        let Self { destination, sink } = self;
        let finish = || -> std::io::Result<()> {
            match sink {
                Sink::Flat(FileFormat::Npy, writer) => {
                    let (draft, ids) = writer.finish()?;
                    commit_with_ids(draft, &destination, &ids)?;
                }
                Sink::Flat(_, writer) => writer.finish()?.0.commit()?,
                #[cfg(feature = "parquet")]
                Sink::Columns(writer) => writer.finish()?.commit()?,
            }
            Ok(())
        };
        finish().map_err(EmbeddingError::Write)
    }
}

/// Puts an `.npy` and its ids in their places. Two files cannot be replaced at once: whoever comes in between finds no
/// vectors, rather than vectors of other items.
fn commit_with_ids(mut draft: Draft, destination: &Destination, ids: &IdList) -> std::io::Result<()> {
    let beside = Destination::resolve(&ids_path(destination.file().unwrap_or(destination.given())))?;
    let mut ids_draft = Draft::create(&beside)?;
    ids_file::write(ids, &mut ids_draft)?;
    ids_draft.settle()?;
    draft.settle()?;
    if let Some(earlier) = destination.file().filter(|file| file.exists()) {
        std::fs::remove_file(earlier)?;
    }
    ids_draft.commit()?;
    Ok(draft.commit()?)
}

fn kind(destination: &Destination) -> Result<Kind, WriteError> {
    let path = destination.given();
    #[cfg(feature = "parquet")]
    if crate::tables::is_named_parquet(path) {
        return Ok(Kind::Columns);
    }
    let stream = destination.file().is_none().then_some(FileFormat::Safetensors);
    let format = FileFormat::from_path(path).or(stream).map(Kind::Flat);
    format.ok_or_else(|| WriteError::refused(path, "the name must end in .npy, .safetensors or .parquet"))
}
