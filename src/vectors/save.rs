//! Embedding files written whole or not at all.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

#[cfg(feature = "parquet")]
use super::parquet_writer::VectorsWriter;
use super::{Element, EmbeddingError, FileFormat, Writer, ids_file, ids_path};
use crate::base::files::{synced, temporary_beside};
use crate::model::TextConfig;

/// Writes a file beside its final place and renames it when complete. Dropped before that, it leaves nothing.
pub struct Saver {
    path: PathBuf,
    sink: Sink,
}

type Out = BufWriter<NamedTempFile>;

enum Sink {
    Flat(FileFormat, Box<Writer<Out>>),
    #[cfg(feature = "parquet")]
    Columns(Box<VectorsWriter<Out>>),
}

impl Saver {
    /// Begins `path`; its extension (`.npy`, `.safetensors`, `.parquet`) tells the format.
    ///
    /// # Errors
    /// Another extension, or what the system says.
    pub fn create(path: &Path, width: usize, element: Element, text: Option<TextConfig>) -> Result<Self, EmbeddingError> {
        let begin = || -> std::io::Result<Sink> {
            let out = BufWriter::new(temporary_beside(path)?);
            #[cfg(feature = "parquet")]
            if crate::tables::is_named_parquet(path) {
                let writer = VectorsWriter::new(out, width, element == Element::F16, text.as_ref())?;
                return Ok(Sink::Columns(Box::new(writer)));
            }
            let format = FileFormat::from_path(path)
                .ok_or_else(|| std::io::Error::other("the extension must be .npy, .safetensors or .parquet"))?;
            Ok(Sink::Flat(format, Box::new(Writer::new(out, format, width, element, text)?)))
        };
        Ok(Self { path: path.into(), sink: begin().map_err(|e| io(path, e))? })
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
        pushed.map_err(|e| io(&self.path, e))
    }

    /// Completes the file, and for `.npy` the ids beside it.
    ///
    /// # Errors
    /// What the system says; then neither file is touched.
    pub fn finish(self) -> Result<(), EmbeddingError> {
        let path = self.path;
        let finish = || -> std::io::Result<()> {
            let (file, ids) = match self.sink {
                Sink::Flat(format, writer) => {
                    let (file, ids) = writer.finish()?;
                    (file, (format == FileFormat::Npy).then_some(ids))
                }
                #[cfg(feature = "parquet")]
                Sink::Columns(writer) => (writer.finish()?, None),
            };
            let file = synced(file)?;
            if let Some(ids) = ids {
                let mut beside = BufWriter::new(temporary_beside(&path)?);
                ids_file::write(&ids, &mut beside)?;
                synced(beside)?.persist(ids_path(&path))?;
            }
            file.persist(&path)?;
            Ok(())
        };
        finish().map_err(|e| io(&path, e))
    }
}

fn io(path: &Path, source: std::io::Error) -> EmbeddingError {
    EmbeddingError::Io { name: path.display().to_string(), source }
}
