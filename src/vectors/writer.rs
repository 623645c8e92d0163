//! Writing vectors as they come: the header is written again at the end, when the rows are known.

use std::io::{Result, Seek, SeekFrom, Write};

use super::{Element, npy, tensors};
use crate::base::ids::IdList;
use crate::model::TextConfig;

/// File formats of embeddings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// NumPy's.
    Npy,
    /// Safetensors, with ids and provenance inside.
    Safetensors,
}

impl FileFormat {
    /// By extension.
    pub fn from_path(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "npy" => Some(Self::Npy),
            "safetensors" => Some(Self::Safetensors),
            _ => None,
        }
    }
}

/// Writes one embedding file to anything that can seek; [`super::Saver`] writes whole files.
pub struct Writer<W> {
    out: W,
    format: FileFormat,
    width: usize,
    element: Element,
    text: Option<TextConfig>,
    header: usize,
    ids: IdList,
    scratch: Vec<u8>,
}

impl<W: Write + Seek> Writer<W> {
    /// Begins a file at the start of `out`.
    ///
    /// # Errors
    /// What the system says.
    ///
    /// # Panics
    /// On bfloat16 for `.npy`, which NumPy does not know, and on a width of zero.
    pub fn new(mut out: W, format: FileFormat, width: usize, element: Element, text: Option<TextConfig>) -> Result<Self> {
        assert!(width > 0 && (format, element) != (FileFormat::Npy, Element::Bf16), "no such file");
        let header = match format {
            FileFormat::Npy => npy::header(0, width, element),
            // The widest numbers that may come.
            FileFormat::Safetensors => tensors::header((usize::MAX, width, element), usize::MAX, text.as_ref(), None),
        };
        out.write_all(&header)?;
        Ok(Self { out, format, width, element, text, header: header.len(), ids: IdList::default(), scratch: Vec::new() })
    }

    /// Appends one vector.
    ///
    /// # Errors
    /// What the system says.
    ///
    /// # Panics
    /// If `values` is not as wide as the file.
    pub fn push(&mut self, id: &str, values: &[f32]) -> Result<()> {
        assert_eq!(values.len(), self.width, "a vector of another width");
        self.scratch.clear();
        self.element.encode(values, &mut self.scratch);
        self.out.write_all(&self.scratch)?;
        self.ids.push(id);
        Ok(())
    }

    /// Completes the file; the ids are for the companion of an `.npy`.
    ///
    /// # Errors
    /// What the system says.
    pub fn finish(mut self) -> Result<(W, IdList)> {
        let shape = (self.ids.len(), self.width, self.element);
        let header = match self.format {
            FileFormat::Npy => npy::header(shape.0, shape.1, shape.2),
            FileFormat::Safetensors => {
                let ids = serde_json::to_vec(&self.ids)?;
                self.out.write_all(&ids)?;
                tensors::header(shape, ids.len(), self.text.as_ref(), Some(self.header - 8))
            }
        };
        debug_assert_eq!(header.len(), self.header);
        self.out.seek(SeekFrom::Start(0))?;
        self.out.write_all(&header)?;
        self.out.flush()?;
        Ok((self.out, self.ids))
    }
}
