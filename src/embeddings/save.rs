//! Embedding files written whole or not at all.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Element, EmbeddingError, FileFormat, Writer, ids_file, ids_path};
use crate::config::TextConfig;
use crate::files::{synced, temporary_beside};

/// Writes a file beside its final place and renames it when complete. Dropped before that, it leaves nothing.
pub struct Saver {
    path: PathBuf,
    format: FileFormat,
    writer: Writer<BufWriter<NamedTempFile>>,
}

impl Saver {
    /// Begins `path`; its extension (`.npy`, `.safetensors`) tells the format.
    ///
    /// # Errors
    /// Another extension, or what the system says.
    pub fn create(path: &Path, width: usize, element: Element, text: Option<TextConfig>) -> Result<Self, EmbeddingError> {
        let format = FileFormat::from_path(path).ok_or_else(|| {
            let source = std::io::Error::other("the extension must be .npy or .safetensors");
            EmbeddingError::Io { name: path.display().to_string(), source }
        })?;
        let begin = || Writer::new(BufWriter::new(temporary_beside(path)?), format, width, element, text);
        let writer = begin().map_err(|e| io(path, e))?;
        Ok(Self { path: path.into(), format, writer })
    }

    /// Appends one vector of the file's width.
    ///
    /// # Errors
    /// What the system says.
    pub fn push(&mut self, id: &str, values: &[f32]) -> Result<(), EmbeddingError> {
        self.writer.push(id, values).map_err(|e| io(&self.path, e))
    }

    /// Completes the file, and for `.npy` the ids beside it.
    ///
    /// # Errors
    /// What the system says; then neither file is touched.
    pub fn finish(self) -> Result<(), EmbeddingError> {
        let path = self.path;
        let finish = || -> std::io::Result<()> {
            let (file, ids) = self.writer.finish()?;
            let file = synced(file)?;
            if self.format == FileFormat::Npy {
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
