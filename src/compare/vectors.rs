//! The items' vectors: read from a file, or made by the text encoder and kept for the next time.

use std::collections::HashMap;
use std::path::Path;

use super::error::CompareError;
use crate::base::hash::{fnv1a, fnv1a_of_floats};
use crate::catalog::Item;
use crate::engine::scale_rows;
use crate::model::{Template, TextConfig};
use crate::vectors::{self, Element, ReadOptions, Saver};

/// Texts that are embedded between two looks at the clock.
const BLOCK: usize = 256;

/// One vector an item, scaled as the tokenizers want them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors {
    /// `[items][width]`. Items without a text have the mean of the others.
    pub rows: Vec<f32>,
    /// Length of a vector.
    pub width: usize,
    /// Which items have a vector of their own.
    pub own: Vec<bool>,
    /// Encoder and template that made them.
    pub text: TextConfig,
    /// A hash of the rows.
    pub hash: u64,
}

/// What turns texts into vectors.
pub trait Embedder {
    /// Vectors of texts, one after the other, or what went wrong.
    fn embed(&mut self, texts: &[String]) -> Result<Vec<f32>, String>;

    /// Length of a vector.
    fn width(&self) -> usize;

    /// How files name the encoder, and the template of its texts.
    fn config(&self) -> TextConfig;
}

impl Vectors {
    /// Reads the vectors of the items of `domain` from a file with ids.
    ///
    /// # Errors
    /// A file that cannot be read, has no ids, or none of the items.
    pub fn read(domain: &str, items: &[Item], path: &Path) -> Result<Self, CompareError> {
        let mut file = vectors::open(path, ReadOptions::default())?;
        let wrong = |what: &str| CompareError::Vectors { domain: domain.into(), what: format!("{}: {what}", path.display()) };
        if !file.has_ids() {
            return Err(wrong("it has no ids: embed the catalogue with unitok embed, or give the file ids"));
        }
        let (width, text) = (file.layout().width, file.text().cloned().unwrap_or_default());
        let chunk = file.read_all()?;
        let numbers: HashMap<&str, usize> = items.iter().enumerate().map(|(number, item)| (item.id.as_str(), number)).collect();
        let found: HashMap<usize, usize> =
            chunk.rows.iter().enumerate().filter_map(|(at, &row)| Some((*numbers.get(file.id(row).as_str())?, at))).collect();
        if found.is_empty() {
            return Err(wrong("it has a vector for none of the catalogue's items: are they of another catalogue?"));
        }
        let row = |number: usize| found.get(&number).map(|&at| &chunk.values[at * width..(at + 1) * width]);
        Self::complete(width, text, (0..items.len()).map(row))
    }

    /// A hash of the texts of items, by which vectors that were kept are known to be theirs.
    pub fn hash_of_texts(items: &[Item]) -> u64 {
        let template = Template::default();
        let texts = items.iter().flat_map(|item| [item.id.clone(), template.text(item).unwrap_or_default()]);
        fnv1a(texts.flat_map(|text| text.into_bytes().into_iter().chain([0])))
    }

    /// How many of the items have no vector of their own.
    pub fn missing(&self) -> usize {
        self.own.iter().filter(|own| !**own).count()
    }

    /// Embeds the texts of the items of `domain`, and writes them to `path` for [`Vectors::read`]; `done` hears of every block
    /// and says whether to go on.
    ///
    /// # Errors
    /// The encoder fails, no item has a text, or the file cannot be written.
    pub fn embed(
        domain: &str,
        items: &[Item],
        embedder: &mut dyn Embedder,
        path: &Path,
        mut done: impl FnMut(usize, usize) -> bool,
    ) -> Result<Option<Self>, CompareError> {
        let template = Template::default();
        let texts: Vec<(&str, String)> = items.iter().filter_map(|item| Some((item.id.as_str(), template.text(item)?))).collect();
        let fault = |what: String| CompareError::Text { domain: domain.into(), what };
        if texts.is_empty() {
            return Err(fault("no item has a title, brand, category or description".into()));
        }
        let mut saver = Saver::create(path, embedder.width(), Element::F32, Some(embedder.config()))?;
        for (number, block) in texts.chunks(BLOCK).enumerate() {
            let rows = embedder.embed(&block.iter().map(|text| text.1.clone()).collect::<Vec<_>>()).map_err(&fault)?;
            for ((id, _), row) in block.iter().zip(rows.chunks_exact(embedder.width())) {
                saver.push(id, row)?;
            }
            if !done((number * BLOCK + block.len()).min(texts.len()), texts.len()) {
                return Ok(None);
            }
        }
        saver.finish()?;
        Self::read(domain, items, path).map(Some)
    }

    /// Scales the rows there are, and gives the other items their mean.
    fn complete<'r>(
        width: usize,
        text: TextConfig,
        rows: impl ExactSizeIterator<Item = Option<&'r [f32]>>,
    ) -> Result<Self, CompareError> {
        let rows: Vec<Option<&[f32]>> = rows.collect();
        let own: Vec<bool> = rows.iter().map(Option::is_some).collect();
        let scaled = scale_rows(&rows.iter().copied().flatten().flatten().copied().collect::<Vec<f32>>(), width)?;
        let mean = scale_rows(&mean(&scaled, width), width)?;
        let mut next = scaled.chunks_exact(width);
        let rows: Vec<f32> =
            own.iter().flat_map(|&own| if own { next.next().expect("a row for each") } else { &mean }.iter().copied()).collect();
        let hash = fnv1a_of_floats(&rows);
        Ok(Self { rows, width, own, text, hash })
    }

    /// The vectors of items that have one of their own.
    pub fn own_rows(&self) -> Vec<f32> {
        self.own_of(&self.rows)
    }

    /// Of `rows [items][width]`, those of items that have a vector of their own.
    pub fn own_of(&self, rows: &[f32]) -> Vec<f32> {
        let rows = rows.chunks_exact(self.width.max(1)).zip(&self.own);
        rows.filter(|(_, own)| **own).flat_map(|(row, _)| row.iter().copied()).collect()
    }
}

fn mean(rows: &[f32], width: usize) -> Vec<f32> {
    let count = (rows.len() / width).max(1) as f64;
    let mut sums = vec![0.0f64; width];
    for row in rows.chunks_exact(width) {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
    }
    sums.into_iter().map(|sum| (sum / count) as f32).collect()
}
