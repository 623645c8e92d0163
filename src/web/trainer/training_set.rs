//! The vectors of a catalogue by domain.

use std::io::Cursor;

use wasm_bindgen::prelude::*;

use crate::engine::scale_rows;
use crate::model::TextConfig;
use crate::train::data::Domain;
use crate::train::live::domains::Grouping;
use crate::vectors::{Element, FileFormat, Writer};
use crate::web::error::js_error;

/// Most items that are trained on: between phases all of them are clustered at a stretch, which should take seconds.
const MOST: usize = 20_000;

/// Vectors `[items][width]` with their domains; of very many items a sample.
#[wasm_bindgen]
pub struct TrainingSet {
    /// Which of the items that were given these are.
    taken: Vec<usize>,
    /// Number of items that were given.
    given: usize,
    values: Vec<f32>,
    scaled: Vec<f32>,
    pub(super) width: usize,
    ids: Vec<String>,
    pub(super) text: TextConfig,
    grouping: Grouping,
}

#[wasm_bindgen]
impl TrainingSet {
    /// Vectors `[items][width]`, all in one domain called `name`. `text` is the part of a model's `config.json` that says how
    /// they were made; empty where nobody knows.
    ///
    /// # Errors
    /// Values that are not finite, rows of zeros.
    #[wasm_bindgen(constructor)]
    pub fn new(values: Vec<f32>, width: usize, ids: Vec<String>, text: &str, name: &str) -> Result<Self, JsValue> {
        let given = values.len() / width;
        let taken: Vec<usize> = (0..given.min(MOST)).map(|i| i * given / given.min(MOST)).collect();
        let values: Vec<f32> = taken.iter().flat_map(|item| &values[item * width..(item + 1) * width]).copied().collect();
        let ids = taken.iter().filter_map(|&item| ids.get(item).cloned()).collect();
        let scaled = scale_rows(&values, width).map_err(js_error)?;
        let text = if text.is_empty() { TextConfig::default() } else { serde_json::from_str(text).map_err(js_error)? };
        let grouping = Grouping::whole(name, taken.len());
        Ok(Self { taken, given, values, scaled, width, ids, text, grouping })
    }

    /// Number of items.
    #[wasm_bindgen(getter)]
    pub fn items(&self) -> usize {
        self.grouping.of_item.len()
    }

    /// Number of items that were given.
    #[wasm_bindgen(getter)]
    pub fn given(&self) -> usize {
        self.given
    }

    /// Makes up to `count` domains of the largest of the items' `categories`, or of clusters where these do not part them.
    pub fn group(&mut self, categories: Vec<String>, count: usize, seed: u32) {
        let of = |&item: &usize| categories.get(item).map_or("", String::as_str);
        let categories: Vec<&str> = self.taken.iter().map(of).collect();
        self.grouping = Grouping::new(&categories, &self.scaled, self.width, count, u64::from(seed));
    }

    /// Takes each item's domain as given, by its number among `names`.
    pub fn label(&mut self, names: Vec<String>, of_item: &[u32]) {
        self.grouping = Grouping { names, of_item: self.taken.iter().map(|&item| of_item[item] as usize).collect() };
    }

    /// Names of the domains.
    pub fn domains(&self) -> Vec<String> {
        self.grouping.names.clone()
    }

    /// A domain's vectors as a safetensors file, from which `unitok train` trains the same.
    pub fn file(&self, domain: usize) -> Result<Vec<u8>, JsValue> {
        let file = Cursor::new(Vec::new());
        let mut writer =
            Writer::new(file, FileFormat::Safetensors, self.width, Element::F32, Some(self.text.clone())).map_err(js_error)?;
        let members = self.values.chunks_exact(self.width).zip(&self.ids).zip(&self.grouping.of_item);
        for ((row, id), _) in members.filter(|(_, of)| **of == domain) {
            writer.push(id, row).map_err(js_error)?;
        }
        Ok(writer.finish().map_err(js_error)?.0.into_inner())
    }
}

impl TrainingSet {
    pub(super) fn scaled_domains(&self) -> Vec<Domain> {
        self.grouping.domains(&self.scaled, self.width)
    }
}
