//! Codewords under a layout and a collision policy: shown, audited, exported.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{Items, Tokenizer, Tokens};
use crate::audit;
use crate::tokens::{
    CodeVocabulary, Codewords, CollisionReport, IndexWriter, Layout, Policy, Position, Schema, letters, resolve,
    write_csv_header, write_csv_row,
};
use crate::web::error::{fault, to_object};

/// An index: one codeword an item.
#[wasm_bindgen]
pub struct Index {
    schema: Schema,
    pub(super) codewords: Codewords,
    report: CollisionReport,
    shared_slot: Option<usize>,
}

/// One token of a codeword, for people.
#[derive(Serialize)]
struct PositionInfo {
    kind: &'static str,
    letter: String,
    level: usize,
    size: usize,
}

/// What `unitok audit` says of the index, and what the collision policy did.
#[derive(Serialize)]
struct Audit<'a> {
    #[serde(flatten)]
    report: audit::Report,
    policy: &'a CollisionReport,
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
  policy: { policy: string; moved: number; added_distortion: number; q_before: number | null; q_after: number | null };
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
        let (codewords, report) = resolve(model, &mut batch, &schema, policy).map_err(fault)?;
        Ok(Self { schema, codewords, report, shared_slot: a.shared.then_some(a.top_n) })
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
        let order = self.codewords.sorted();
        let mut sizes = vec![0; order.len()];
        for bucket in order.chunk_by(|&a, &b| self.codewords.row(a as usize) == self.codewords.row(b as usize)) {
            bucket.iter().for_each(|&item| sizes[item as usize] = bucket.len() as u32);
        }
        sizes
    }

    /// How good the index is.
    ///
    /// # Errors
    /// There are no items.
    #[wasm_bindgen(unchecked_return_type = "Audit")]
    pub fn audit(&self) -> Result<JsValue, JsValue> {
        let rows = (0..self.codewords.items()).map(|item| (item.to_string(), self.codewords.tokens(item)));
        let index = crate::tokens::Index::from_rows(rows).map_err(fault)?;
        let report = audit::audit(&index, &audit::Codes::Each(self.codewords.sizes.clone())).map_err(fault)?;
        Ok(to_object(&Audit { report, policy: &self.report }))
    }

    /// The index file that LC-Rec, LETTER and MiniOneRec read: `{"item id": ["<a_12>", …], …}`.
    ///
    /// # Errors
    /// Another number of items than of codewords.
    #[wasm_bindgen(js_name = toJson)]
    pub fn to_json(&self, items: &Items) -> Result<Vec<u8>, JsValue> {
        self.check(items)?;
        let mut writer = IndexWriter::new(Vec::new()).map_err(fault)?;
        for (i, item) in items.items.iter().enumerate() {
            writer.push(&item.id, &self.codewords.tokens(i)).map_err(fault)?;
        }
        writer.finish().map_err(fault)
    }

    /// A table with one item a row; cells that a spreadsheet would run are defused.
    ///
    /// # Errors
    /// Another number of items than of codewords.
    #[wasm_bindgen(js_name = toCsv)]
    pub fn to_csv(&self, items: &Items) -> Result<Vec<u8>, JsValue> {
        self.check(items)?;
        let mut writer = csv::Writer::from_writer(Vec::new());
        write_csv_header(&mut writer, self.codewords.width()).map_err(fault)?;
        for (i, item) in items.items.iter().enumerate() {
            write_csv_row(&mut writer, &item.id, &self.codewords.tokens(i)).map_err(fault)?;
        }
        writer.into_inner().map_err(fault)
    }
}

impl Index {
    pub(super) fn check(&self, items: &Items) -> Result<(), JsValue> {
        let (items, codewords) = (items.items.len(), self.codewords.items());
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
