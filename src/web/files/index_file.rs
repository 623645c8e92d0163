//! An index file that any tokenizer wrote, audited as one of our own.

use wasm_bindgen::prelude::*;

use crate::audit;
use crate::inspect::{positions_of_file, shared_codewords};
use crate::tokens;
use crate::web::Strings;
use crate::web::audited;
use crate::web::error::{js_error, to_object};

/// An index file in memory.
#[wasm_bindgen]
pub struct IndexFile {
    index: tokens::Index,
    report: audit::Report,
}

#[wasm_bindgen]
impl IndexFile {
    /// Reads `{"item id": ["<a_12>", …], …}`; vocabulary sizes are inferred from the numbers in the tokens.
    ///
    /// # Errors
    /// No index: no JSON, codewords of different lengths, repeated ids.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, JsValue> {
        let text = std::str::from_utf8(bytes).map_err(|error| js_error(format!("{name}: not UTF-8 text: {error}")))?;
        let index = tokens::Index::from_text(text).map_err(|error| js_error(format!("{name}: {error}")))?;
        let report = audit::audit(&index, &audit::Codes::Inferred).map_err(js_error)?;
        Ok(Self { index, report })
    }

    /// Number of items.
    #[wasm_bindgen(getter)]
    pub fn items(&self) -> usize {
        self.index.items()
    }

    /// What each token of a codeword is: which of them are codes and which an expert a file does not say.
    #[wasm_bindgen(unchecked_return_type = "Position[]")]
    pub fn positions(&self) -> JsValue {
        to_object(&positions_of_file(self.sizes()))
    }

    /// `[items][positions]` numbers of the tokens: those written in them, or their order of appearance.
    pub fn words(&self) -> Vec<u32> {
        self.index.numbers(&self.sizes())
    }

    /// `[items]` how many items have this item's codeword, itself included.
    pub fn buckets(&self) -> Vec<u32> {
        self.index.bucket_sizes_of_items()
    }

    /// How good the index is.
    ///
    /// # Errors
    /// None; an object can always be given a property.
    #[wasm_bindgen(unchecked_return_type = "Audit")]
    pub fn audit(&self) -> Result<JsValue, JsValue> {
        audited::audit(&self.report, None)
    }

    /// The codewords that most items share, at most `most` of them; those of most items first.
    #[wasm_bindgen(js_name = sharedCodewords, unchecked_return_type = "SharedCodeword[]")]
    pub fn shared_codewords(&self, most: usize) -> JsValue {
        to_object(&shared_codewords(&self.index, most))
    }

    /// The ids, cut to a length that can be shown.
    pub fn ids(&self) -> Strings {
        Strings::shown(self.index.ids.iter().map(String::as_str))
    }
}

impl IndexFile {
    /// `[positions]` vocabularies, as the audit inferred them.
    fn sizes(&self) -> Vec<usize> {
        self.report.levels.iter().map(|level| level.vocabulary).collect()
    }
}
