//! Probabilities of the tokens that may follow: a softmax over the children of a node of the trie, in training as in the
//! search. A token that has no alternative has probability 1, and nothing to learn.

use super::codewords::Codewords;
use crate::compute::cpu::gemm::{Side, multiply_add_here};
use crate::compute::cpu::rows::{Gathered, add_outer_scattered, combine_gathered, dots};
use crate::recommend::network::softmax::log_loss;
use crate::recommend::network::weights::Tensor;

/// The output layer: the logit of a token is the product of the hidden state with its embedding, plus a bias.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// `[vocabulary or more][width]`.
    pub embedding: Tensor,
    /// `[1][vocabulary]`.
    pub bias: Tensor,
}

/// What a hidden state is to predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prediction {
    /// The node of the trie that has been reached.
    pub node: u32,
    /// The token that follows.
    pub token: u32,
}

impl Head {
    /// Sum of the log-losses of `predictions` by their hidden states `[predictions][width]`, in nats, and the gradient with
    /// respect to these; that of the weights is added to `gradient`.
    pub fn loss(
        &self,
        values: &[f32],
        codewords: &Codewords,
        hidden: &[f32],
        predictions: &[Prediction],
        gradient: &mut [f32],
    ) -> (f64, Vec<f32>) {
        let width = self.embedding.columns;
        let mut hidden_gradient = vec![0.0; hidden.len()];
        let root = codewords.trie.root();
        let (first, later): (Vec<usize>, Vec<usize>) = (0..predictions.len()).partition(|&i| predictions[i].node == root);
        let mut loss = self.loss_at_root(values, codewords, (hidden, &mut hidden_gradient), (predictions, &first), gradient);
        let mut logits = Vec::new();
        for i in later {
            let Prediction { node, token } = predictions[i];
            let tokens = codewords.trie.next(node);
            let x = &hidden[i * width..][..width];
            self.logits(values, tokens, x, &mut logits);
            let target = tokens.binary_search(&token).expect("the token may follow");
            loss += log_loss(&mut logits, target);
            let table = self.embedding.of(values);
            combine_gathered(&logits, Gathered { table, width, numbers: tokens }, &mut hidden_gradient[i * width..][..width]);
            add_outer_scattered(&logits, x, self.embedding.of_mut(gradient), tokens);
            let bias = self.bias.of_mut(gradient);
            tokens.iter().zip(&logits).for_each(|(&token, g)| bias[token as usize] += g);
        }
        (loss, hidden_gradient)
    }

    /// The first tokens are the first rows of the embedding, and all of them may follow: one matrix product.
    fn loss_at_root(
        &self,
        values: &[f32],
        codewords: &Codewords,
        (hidden, hidden_gradient): (&[f32], &mut [f32]),
        (predictions, first): (&[Prediction], &[usize]),
        gradient: &mut [f32],
    ) -> f64 {
        let width = self.embedding.columns;
        let count = codewords.trie.next(codewords.trie.root()).len();
        if first.is_empty() {
            return 0.0;
        }
        let x: Vec<f32> = first.iter().flat_map(|&i| &hidden[i * width..][..width]).copied().collect();
        let table = &self.embedding.of(values)[..count * width];
        let mut logits = self.bias.of(values)[..count].repeat(first.len());
        multiply_add_here(Side::Rows(&x, width), Side::Rows(table, width), &mut logits);
        let mut loss = 0.0;
        for (row, &i) in logits.chunks_exact_mut(count).zip(first) {
            loss += log_loss(row, predictions[i].token as usize);
            let bias = &mut self.bias.of_mut(gradient)[..count];
            bias.iter_mut().zip(row).for_each(|(sum, g)| *sum += *g);
        }
        let table_gradient = &mut self.embedding.of_mut(gradient)[..count * width];
        multiply_add_here(Side::Columns(&logits, count), Side::Columns(&x, width), table_gradient);
        let mut x_gradient = vec![0.0; x.len()];
        multiply_add_here(Side::Rows(&logits, count), Side::Columns(table, width), &mut x_gradient);
        for (row, &i) in x_gradient.chunks_exact(width).zip(first) {
            hidden_gradient[i * width..][..width].copy_from_slice(row);
        }
        loss
    }

    /// Log-probabilities of the children of `node`, in their order, by one hidden state.
    pub fn log_probabilities(&self, values: &[f32], codewords: &Codewords, node: u32, x: &[f32], out: &mut Vec<f32>) {
        let tokens = codewords.trie.next(node);
        self.logits(values, tokens, x, out);
        let max = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = out.iter().map(|logit| (logit - max).exp()).sum();
        let shift = max + sum.ln();
        out.iter_mut().for_each(|logit| *logit -= shift);
    }

    fn logits(&self, values: &[f32], tokens: &[u32], x: &[f32], out: &mut Vec<f32>) {
        out.clear();
        out.resize(tokens.len(), 0.0);
        dots(x, Gathered { table: self.embedding.of(values), width: x.len(), numbers: tokens }, out);
        let bias = self.bias.of(values);
        out.iter_mut().zip(tokens).for_each(|(logit, &token)| *logit += bias[token as usize]);
    }
}
