//! What the page's panels show of items, codes and catalogues: see [`crate::inspect`].

use wasm_bindgen::prelude::*;

use super::{Index, Items, Tokenizer, Tokens, Vectors};
use crate::inspect::{self, Chain, Indexed, InspectError, Order};
use crate::web::error::{js_error, to_object};

#[wasm_bindgen]
impl Index {
    /// Numbers of the items that have every word of `query` in their id, title, brand or categories, and, where `like`
    /// names an item, its expert and its first `depth` tokens, in an order: `file`, `close` (least margin first), `left`
    /// (largest residual first) or `shared` (largest groups of one codeword first).
    ///
    /// # Errors
    /// An unknown order, or items and tokens that are not this index's.
    pub fn browse(
        &self,
        items: &Items,
        tokens: &Tokens,
        query: &str,
        #[wasm_bindgen(unchecked_param_type = "Order")] order: &str,
        like: Option<u32>,
        depth: usize,
    ) -> Result<Vec<u32>, JsValue> {
        let order: Order = order.parse().map_err(js_error)?;
        let like = like.map(|item| (item as usize, depth));
        inspect::browse(&items.columns, &self.beside(tokens)?, query, order, like).map_err(js_error)
    }

    /// Explains an item: embedding, latent, the router's probabilities, each level's choice and runner-up among the
    /// distances to all codes. `vectors` are those that the tokens were made of.
    ///
    /// # Errors
    /// There is no such item, or tokens and vectors are not this index's.
    #[wasm_bindgen(unchecked_return_type = "Explanation")]
    pub fn explain(&self, tokenizer: &Tokenizer, tokens: &Tokens, vectors: &Vectors, item: usize) -> Result<JsValue, JsValue> {
        let explanation = inspect::explain(tokenizer.shared_model(), &self.beside(tokens)?, vectors.values(), item);
        Ok(to_object(&explanation.map_err(js_error)?))
    }

    /// Places item `own` of another index, or of this one, among the items of this one: how many begin as it does, what they
    /// have in common, which are nearest. `beside` holds the tokens and vectors of that index; where it is this one,
    /// the item itself is left out.
    ///
    /// # Errors
    /// Items, tokens or vectors that are not this index's, or embeddings of another width.
    #[wasm_bindgen(unchecked_return_type = "Place")]
    pub fn place(&self, items: &Items, tokens: &Tokens, vectors: &Vectors, own: &Placed) -> Result<JsValue, JsValue> {
        let indexed = self.beside(tokens)?;
        let place = inspect::place(items.terms(), &indexed, vectors.values(), &own.chain, &own.embedding, own.item);
        Ok(to_object(&place.map_err(js_error)?))
    }

    /// An item of this index, to be placed: among the items of this very index if `here`.
    ///
    /// # Errors
    /// Tokens that are not this index's, or no such item.
    pub fn placed(&self, tokens: &Tokens, vectors: &Vectors, item: usize, here: bool) -> Result<Placed, JsValue> {
        let indexed = self.beside(tokens)?;
        if item >= indexed.items() {
            return Err(js_error(InspectError::Item { item, items: indexed.items() }));
        }
        let embedding = vectors.slice(item, 1).to_vec();
        Ok(Placed { chain: indexed.chain(item), embedding, item: here.then_some(item) })
    }

    /// Explains the prefix that is the first `depth` tokens of item `like` under its expert; the root without `like`.
    ///
    /// # Errors
    /// Items and tokens that are not this index's, or no such item.
    #[wasm_bindgen(unchecked_return_type = "Prefix")]
    pub fn prefix(&self, items: &Items, tokens: &Tokens, like: Option<u32>, depth: usize) -> Result<JsValue, JsValue> {
        let like = like.map(|item| (item as usize, depth));
        Ok(to_object(&inspect::prefix(items.terms(), &self.beside(tokens)?, like).map_err(js_error)?))
    }
}

impl Index {
    /// The tokens that this index was made of, beside it.
    fn beside<'a>(&'a self, tokens: &'a Tokens) -> Result<Indexed<'a>, JsValue> {
        Indexed::new(&tokens.batch, &self.schema, &self.codewords).map_err(js_error)
    }
}

/// An item to be placed in a catalogue, see `Index.place`.
#[wasm_bindgen]
pub struct Placed {
    chain: Chain,
    embedding: Vec<f32>,
    /// Its number, where it is of that catalogue.
    item: Option<usize>,
}

/// The plane in which a catalogue's latents vary most.
#[wasm_bindgen]
pub struct Plane {
    plane: inspect::Plane,
}

#[wasm_bindgen]
impl Plane {
    /// The plane of the latents that these tokens were made of.
    ///
    /// # Errors
    /// No items.
    pub fn of(tokenizer: &Tokenizer, tokens: &Tokens) -> Result<Self, JsValue> {
        let plane = inspect::Plane::of(tokens.latents()?, tokenizer.shared_model().config.model.latent).map_err(js_error)?;
        Ok(Self { plane })
    }

    /// `[items][2]` places of items in the plane.
    ///
    /// # Errors
    /// Tokens without latents.
    pub fn project(&self, tokens: &Tokens) -> Result<Vec<f32>, JsValue> {
        Ok(self.plane.project(tokens.latents()?))
    }

    /// `[2]` place of one of these items in the plane.
    ///
    /// # Errors
    /// No such item, or tokens without latents.
    pub fn place(&self, tokenizer: &Tokenizer, tokens: &Tokens, item: usize) -> Result<Vec<f32>, JsValue> {
        let width = tokenizer.shared_model().config.model.latent;
        let latent = tokens.latents()?.chunks_exact(width).nth(item);
        let latent = latent.ok_or_else(|| js_error(InspectError::Item { item, items: tokens.batch.items }))?;
        Ok(self.plane.project(latent))
    }
}

#[wasm_bindgen]
impl Tokenizer {
    /// `[levels][codes]` cell of each code of an expert (the shared one after the others) in a square field where like
    /// codes lie side by side; cells are numbered row by row.
    ///
    /// # Errors
    /// No such expert.
    pub fn fields(&self, expert: usize) -> Result<Vec<u32>, JsValue> {
        let model = self.shared_model();
        let a = &model.config.model;
        if expert >= a.quantizers() {
            return Err(js_error(format!("there is no expert {expert} among {}", a.quantizers())));
        }
        Ok((0..a.levels).flat_map(|level| inspect::field(model.codebook(expert, level), a.latent)).collect())
    }
}

#[wasm_bindgen]
impl Items {
    /// Kinds of items and their experts, the commonest kinds first. An item's kind is the commonest of its categories that
    /// less than 60 % of the items have.
    ///
    /// # Errors
    /// Tokens of other items.
    #[wasm_bindgen(unchecked_return_type = "Flow[]")]
    pub fn flow(&self, tokens: &Tokens, experts: usize) -> Result<JsValue, JsValue> {
        Ok(to_object(&inspect::flow(&self.columns, &tokens.batch, experts).map_err(js_error)?))
    }
}

impl Tokens {
    fn latents(&self) -> Result<&[f32], JsValue> {
        self.batch.z.as_deref().ok_or_else(|| js_error(InspectError::Missing("latents")))
    }
}

#[wasm_bindgen]
impl Tokens {
    /// `[items]` least margin of each item over its levels, as a share of the squared distance to the chosen code. 0.01
    /// says that the runner-up is 1 % farther away.
    #[wasm_bindgen(js_name = relativeMargins)]
    pub fn relative_margins(&self) -> Vec<f32> {
        inspect::least_relative_margins(&self.batch).map(|(_, margin)| margin).collect()
    }

    /// `[items]` level of that margin, from 0.
    #[wasm_bindgen(js_name = relativeMarginLevels)]
    pub fn relative_margin_levels(&self) -> Vec<u8> {
        inspect::least_relative_margins(&self.batch).map(|(level, _)| level as u8).collect()
    }

    /// `[items]` share of the latent's norm that the top expert's codes leave unexplained.
    #[wasm_bindgen(js_name = residualShares)]
    pub fn residual_shares(&self) -> Vec<f32> {
        inspect::residual_shares(&self.batch)
    }

    /// Measures how these items are described. They are tokens of all `vectors`, made with `reconstruct`.
    ///
    /// # Errors
    /// Tokens of other vectors, or without reconstruction.
    #[wasm_bindgen(unchecked_return_type = "Measured")]
    pub fn measure(&self, tokenizer: &Tokenizer, vectors: &Vectors) -> Result<JsValue, JsValue> {
        Ok(to_object(&inspect::measure(tokenizer.shared_model(), &self.batch, vectors.values()).map_err(js_error)?))
    }
}

#[wasm_bindgen]
impl Vectors {
    /// The row of `others` with the largest cosine to row `row`.
    ///
    /// # Errors
    /// No such row, or another width.
    #[wasm_bindgen(unchecked_return_type = "NearestRow")]
    pub fn nearest(&self, row: usize, others: &Vectors) -> Result<JsValue, JsValue> {
        let comparable = row < self.rows() && self.width() == others.width();
        let nearest = comparable.then(|| inspect::nearest_row(self.slice(row, 1), others.values())).flatten();
        let nearest = nearest.ok_or(InspectError::Row { row, rows: self.rows(), others: others.rows() });
        Ok(to_object(&nearest.map_err(js_error)?))
    }
}
