//! The encoder-decoder recommender in a beam search. A history is read once, and the decoder's keys and values of it are kept.

use super::beam::{Decoder, Extension, place};
use super::codewords::Codewords;
use super::kept::{LookedAt, Memory, Own, attend};
use super::t5::T5;
use crate::recommend::dataset::Query;
use crate::recommend::network::attention::Span;
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::relative::distance_bias;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender};

/// Keys and values so far.
pub struct Kept {
    /// `[layers][queries]`.
    histories: Vec<Vec<Memory>>,
    /// `[layers]`.
    own: Vec<Own>,
}

impl Decoder for T5 {
    type State = Kept;

    fn begin(&self, histories: &[&[u32]]) -> (Kept, Vec<f32>) {
        let encoded = self.encode(histories, Dropout::none());
        let inner = self.options.heads * self.options.head;
        let memories = self.decoder.iter().map(|block| {
            let cross = block.cross.as_ref().expect("a decoder looks at the encoder's rows");
            let kv = cross.kv.forward(&self.weights.values, &encoded.memory);
            let rows = |span: &Span| &kv[span.keys.start * 2 * inner..span.keys.end * 2 * inner];
            encoded.spans.iter().map(|span| Memory::new(rows(span), 2 * inner, inner)).collect()
        });
        let mut state = Kept { histories: memories.collect(), own: vec![Own::default(); self.decoder.len()] };
        let beginning = |query| Extension { query, parent: query, token: self.beginning(), level: 0 };
        let beginnings: Vec<Extension> = (0..histories.len() as u32).map(beginning).collect();
        let hidden = self.extend(&mut state, &beginnings);
        (state, hidden)
    }

    fn extend(&self, state: &mut Kept, extensions: &[Extension]) -> Vec<f32> {
        let (values, inner) = (&self.weights.values, self.options.heads * self.options.head);
        let reach = self.codewords.width - 1;
        let by_distance = self.decoder_bias.by_distance(values, reach);
        let tokens: Vec<u32> = extensions.iter().map(|extension| extension.token).collect();
        let mut x = self.embed(&tokens);
        for (layer, block) in self.decoder.iter().enumerate() {
            let normed = block.own.norm.forward(values, &x).y;
            let q = block.own.q.forward(values, &normed);
            state.own[layer].grow(extensions, &block.own.kv.forward(values, &normed), 2 * inner, inner);
            let own = LookedAt { memories: None, own: Some((&state.own[layer], Some(distance_bias(&by_distance, reach)))) };
            block.own.add_to(values, &attend(block.own.heads, extensions, &q, inner, own), Dropout::none(), &mut x);

            let cross = block.cross.as_ref().expect("a decoder looks at the encoder's rows");
            let q = cross.q.forward(values, &cross.norm.forward(values, &x).y);
            let at = LookedAt { memories: Some(&state.histories[layer]), own: None };
            cross.add_to(values, &attend(cross.heads, extensions, &q, inner, at), Dropout::none(), &mut x);
            block.feed_forward(values, Dropout::none(), &mut x);
        }
        self.decoder_norm.forward(values, &x).y
    }

    fn log_probabilities(&self, node: u32, hidden: &[f32], out: &mut Vec<f32>) {
        self.head.log_probabilities(&self.weights.values, &self.codewords, node, hidden, out);
    }

    fn codewords(&self) -> &Codewords {
        &self.codewords
    }
}

impl Recommender for T5 {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        place(self, self.options.beams, queries, listing)
    }
}
