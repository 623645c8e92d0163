//! Codewords under a layout and a collision policy: shown, audited, exported.

use wasm_bindgen::prelude::*;

use super::{Items, Tokenizer, Tokens};
use crate::audit::{self, Report};
use crate::inspect::{InspectError, positions};
use crate::tokens::{CodeVocabulary, Codewords, CollisionReport, Layout, Policy, Schema, resolve};
use crate::web::audited;
use crate::web::error::{js_error, to_object};

/// An index: one codeword an item.
#[wasm_bindgen]
pub struct Index {
    pub(super) schema: Schema,
    pub(super) codewords: Codewords,
    collisions: CollisionReport,
}

#[wasm_bindgen]
impl Index {
    /// Arranges tokens by `layout` (`expert-last`, `expert-first`, `with-shared`) and settles collisions by
    /// `policy` (`keep`, `suffix`, `sinkhorn`, `assign`). The tokens stay as they are.
    ///
    /// # Errors
    /// An unknown name, or a layout that the model cannot serve.
    pub fn build(
        tokenizer: &Tokenizer,
        tokens: &Tokens,
        #[wasm_bindgen(unchecked_param_type = "Layout")] layout: &str,
        #[wasm_bindgen(unchecked_param_type = "Policy")] policy: &str,
    ) -> Result<Self, JsValue> {
        let model = tokenizer.shared_model();
        let layout: Layout = layout.parse().map_err(js_error)?;
        let policy: Policy = policy.parse().map_err(js_error)?;
        let schema = Schema::new(&model.config.model, layout, CodeVocabulary::Shared).map_err(js_error)?;
        let mut batch = tokens.batch.clone();
        let (codewords, collisions) = resolve(model, &mut batch, &schema, policy).map_err(js_error)?;
        Ok(Self { schema, codewords, collisions })
    }

    /// What each token of a codeword is.
    #[wasm_bindgen(unchecked_return_type = "Position[]")]
    pub fn positions(&self) -> JsValue {
        to_object(&positions(&self.schema, &self.codewords))
    }

    /// `[items][positions]` numbers of the tokens.
    pub fn words(&self) -> Vec<u32> {
        self.codewords.values.clone()
    }

    /// `[items]` how many items have this item's codeword, itself included.
    pub fn buckets(&self) -> Vec<u32> {
        self.codewords.bucket_sizes_of_items()
    }

    /// How good the index is.
    ///
    /// # Errors
    /// There are no items.
    #[wasm_bindgen(unchecked_return_type = "Audit")]
    pub fn audit(&self) -> Result<JsValue, JsValue> {
        let report = self.report().map_err(js_error)?;
        audited::audit(&report, Some(&self.collisions))
    }
}

impl Index {
    /// The audit, against the true sizes of the vocabularies.
    pub(super) fn report(&self) -> Result<Report, String> {
        let rows = (0..self.codewords.items()).map(|item| (item.to_string(), self.codewords.tokens(item)));
        let index = crate::tokens::Index::from_rows(rows).map_err(|error| error.to_string())?;
        audit::audit(&index, &audit::Codes::Each(self.codewords.sizes.clone())).map_err(|error| error.to_string())
    }

    pub(super) fn check(&self, items: &Items) -> Result<(), JsValue> {
        let (items, codewords) = (items.columns.len(), self.codewords.items());
        if items == codewords { Ok(()) } else { Err(js_error(InspectError::Codewords { items, codewords })) }
    }
}
