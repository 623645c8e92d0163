//! Codewords under a layout and a collision policy: shown, audited, exported.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{Items, Tokenizer, Tokens};
use crate::audit;
use crate::tokens::{CodeVocabulary, Codewords, CollisionReport, Layout, Policy, Position, Schema, letters, resolve};
use crate::web::error::{fault, to_object};

/// An index: one codeword an item.
#[wasm_bindgen]
pub struct Index {
    pub(crate) schema: Schema,
    pub(crate) codewords: Codewords,
    collisions: CollisionReport,
    /// Where a model has experts beside it; alone, its codes are the codes.
    shared_slot: Option<usize>,
}

/// One token of a codeword, for people.
#[derive(Serialize)]
pub(crate) struct PositionInfo {
    pub kind: &'static str,
    pub letter: String,
    pub level: usize,
    pub size: usize,
}

/// What `unitok audit` says of the index, and what the collision policy did.
#[derive(Serialize)]
pub(crate) struct Audit<'a> {
    #[serde(flatten)]
    pub report: audit::Report,
    /// None for an index that was made elsewhere.
    pub policy: Option<&'a CollisionReport>,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export interface Position { kind: "code" | "expert" | "shared" | "suffix"; letter: string; level: number; size: number }
/** As `unitok audit --json` prints it, and what the collision policy did. */
export interface Audit {
  items: number; unique_codewords: number; collision_rate: number; share_in_buckets: number; max_bucket: number;
  bucket_histogram: { size: number; codewords: number }[];
  levels: { position: number; used: number; vocabulary: number; utilisation: number; perplexity: number; entropy_bits: number }[];
  dependence: number[][]; determination: number[][]; codeword_entropy_bits: number; capacity_bits: number;
  collapsed: boolean; findings: { severity: "collapse" | "warning"; message: string }[];
  policy: { policy: string; moved: number; added_distortion: number; q_before: number | null; q_after: number | null } | null;
}
"#;

#[wasm_bindgen]
impl Index {
    /// Arranges tokens by `layout` (`expert-last`, `expert-first`, `with-shared`) and settles collisions by
    /// `policy` (`keep`, `suffix`, `sinkhorn`, `assign`). The tokens stay as they are.
    ///
    /// # Errors
    /// An unknown name, or a layout that the model cannot serve.
    pub fn build(tokenizer: &Tokenizer, tokens: &Tokens, layout: &str, policy: &str) -> Result<Self, JsValue> {
        let model = tokenizer.shared_model();
        let layout: Layout = layout.parse().map_err(fault)?;
        let policy: Policy = policy.parse().map_err(fault)?;
        let a = &model.config.model;
        let schema = Schema::new(a, layout, CodeVocabulary::Shared).map_err(fault)?;
        let mut batch = tokens.batch.clone();
        let (codewords, collisions) = resolve(model, &mut batch, &schema, policy).map_err(fault)?;
        Ok(Self { schema, codewords, collisions, shared_slot: (a.shared && a.top_n > 0).then_some(a.top_n) })
    }

    /// What each token of a codeword is.
    #[wasm_bindgen(unchecked_return_type = "Position[]")]
    pub fn positions(&self) -> JsValue {
        to_object(&self.position_infos())
    }

    /// `[items][positions]` numbers of the tokens.
    pub fn words(&self) -> Vec<u32> {
        self.codewords.values.clone()
    }

    /// `[items]` how many items have this item's codeword, itself included.
    pub fn buckets(&self) -> Vec<u32> {
        bucket_sizes(&self.codewords.sorted(), |a, b| self.codewords.row(a) == self.codewords.row(b))
    }

    /// How good the index is.
    ///
    /// # Errors
    /// There are no items.
    #[wasm_bindgen(unchecked_return_type = "Audit")]
    pub fn audit(&self) -> Result<JsValue, JsValue> {
        let report = self.report().map_err(fault)?;
        Ok(to_object(&Audit { report, policy: Some(&self.collisions) }))
    }
}

impl Index {
    /// The audit, against the true sizes of the vocabularies.
    pub(crate) fn report(&self) -> Result<audit::Report, String> {
        let rows = (0..self.codewords.items()).map(|item| (item.to_string(), self.codewords.tokens(item)));
        let index = crate::tokens::Index::from_rows(rows).map_err(|error| error.to_string())?;
        audit::audit(&index, &audit::Codes::Each(self.codewords.sizes.clone())).map_err(|error| error.to_string())
    }

    pub(crate) fn check(&self, items: &Items) -> Result<(), JsValue> {
        let (items, codewords) = (items.columns.len(), self.codewords.items());
        if items == codewords {
            Ok(())
        } else {
            Err(fault(format!("{items} items for {codewords} codewords: build the index from these items")))
        }
    }

    /// Positions of the schema; one more where the policy added a suffix.
    fn position_infos(&self) -> Vec<PositionInfo> {
        let sizes = self.codewords.sizes.iter().enumerate();
        sizes
            .map(|(p, &size)| {
                let (kind, level) = match self.schema.positions.get(p) {
                    Some(Position::Code { slot, level }) if Some(*slot) == self.shared_slot => ("shared", *level),
                    Some(Position::Code { level, .. }) => ("code", *level),
                    Some(Position::Expert { rank }) => ("expert", *rank),
                    None => ("suffix", 0),
                };
                PositionInfo { kind, letter: letters(p), level, size }
            })
            .collect()
    }
}

/// `[items]` size of each item's bucket, from an order in which equal codewords lie together.
pub(crate) fn bucket_sizes(order: &[u32], same: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut sizes = vec![0; order.len()];
    for bucket in order.chunk_by(|&a, &b| same(a as usize, b as usize)) {
        bucket.iter().for_each(|&item| sizes[item as usize] = bucket.len() as u32);
    }
    sizes
}
