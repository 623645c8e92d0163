//! Beam search over the codewords that exist.

use super::codewords::Codewords;
use crate::recommend::dataset::Query;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, left_out};

/// A recommender that writes codewords token by token, for several histories at once.
pub trait Decoder {
    /// Keys and values so far.
    type State;

    /// Reads histories; the hidden state `[queries][width]` predicts the first token of what follows each.
    fn begin(&self, histories: &[&[u32]]) -> (Self::State, Vec<f32>);

    /// Reads one more token for each of some beams; the hidden state `[extensions][width]` predicts the next. The beams of
    /// the state are afterwards those of `extensions`.
    fn extend(&self, state: &mut Self::State, extensions: &[Extension]) -> Vec<f32>;

    /// Log-probabilities of the children of `node`, in their order, by one hidden state.
    fn log_probabilities(&self, node: u32, hidden: &[f32], out: &mut Vec<f32>);

    /// The codewords that exist.
    fn codewords(&self) -> &Codewords;
}

/// A beam that grows by a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension {
    /// Number of the query.
    pub query: u32,
    /// Number of the beam before, among all of the state. In the first step there is one a query.
    pub parent: u32,
    /// The token.
    pub token: u32,
    /// The token's position in its codeword.
    pub level: u32,
}

/// A codeword found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its leaf in the trie.
    pub leaf: u32,
    /// Its log-probability.
    pub log_probability: f32,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    log_probability: f32,
    node: u32,
    /// Beam of the state that it grows from; none where its codeword is decided.
    parent: Option<u32>,
}

/// The `beams` most probable codewords after each history, best first. Of equally probable ones, that which is first in the
/// trie leads. A beam whose codeword is decided takes no more steps, since all that follows has probability 1.
pub fn search<D: Decoder>(decoder: &D, histories: &[&[u32]], beams: &[usize]) -> Vec<Vec<Found>> {
    let codewords = decoder.codewords();
    let root = codewords.trie.root();
    let (mut state, mut hidden) = decoder.begin(histories);
    let mut kept: Vec<Vec<Candidate>> = (0..histories.len())
        .map(|query| vec![Candidate { log_probability: 0.0, node: root, parent: Some(query as u32) }])
        .collect();
    let mut logs = Vec::new();
    for level in 0..codewords.width {
        let width = hidden.len() / kept.iter().flatten().filter(|beam| beam.parent.is_some()).count().max(1);
        let mut extensions = Vec::new();
        for (query, list) in kept.iter_mut().enumerate() {
            let grown = grow(decoder, list, &hidden, width, &mut logs);
            *list = best(grown, beams[query]);
            for beam in list.iter_mut() {
                let decided = codewords.only_leaf(beam.node);
                beam.node = decided.unwrap_or(beam.node);
                let Some(parent) = beam.parent.filter(|_| decided.is_none()) else {
                    beam.parent = None;
                    continue;
                };
                beam.parent = Some(extensions.len() as u32);
                let token = codewords.trie.token(beam.node);
                extensions.push(Extension { query: query as u32, parent, token, level: level as u32 });
            }
        }
        if extensions.is_empty() {
            break;
        }
        hidden = decoder.extend(&mut state, &extensions);
    }
    let found = |beam: &Candidate| Found { leaf: beam.node, log_probability: beam.log_probability };
    kept.iter().map(|list| list.iter().map(found).collect()).collect()
}

/// Every child of the beams that are not decided, and those that are.
fn grow<D: Decoder>(decoder: &D, list: &[Candidate], hidden: &[f32], width: usize, logs: &mut Vec<f32>) -> Vec<Candidate> {
    let mut grown = Vec::new();
    for beam in list {
        let Some(parent) = beam.parent else {
            grown.push(*beam);
            continue;
        };
        decoder.log_probabilities(beam.node, &hidden[parent as usize * width..][..width], logs);
        let children = decoder.codewords().trie.children(beam.node);
        grown.extend(children.zip(logs.iter()).map(|(node, log)| Candidate {
            log_probability: beam.log_probability + log,
            node,
            parent: beam.parent,
        }));
    }
    grown
}

fn best(mut candidates: Vec<Candidate>, count: usize) -> Vec<Candidate> {
    let order = |a: &Candidate, b: &Candidate| b.log_probability.total_cmp(&a.log_probability).then(a.node.cmp(&b.node));
    if candidates.len() > count {
        candidates.select_nth_unstable_by(count, order);
        candidates.truncate(count);
    }
    candidates.sort_by(order);
    candidates
}

/// Where the targets of queries stand in the lists that a search with `beams` finds.
pub fn place<D: Decoder>(decoder: &D, beams: usize, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
    let histories: Vec<&[u32]> = queries.iter().map(|query| query.history.as_slice()).collect();
    // Codewords of the history take room in the list and leave it again.
    let beams: Vec<usize> = queries.iter().map(|query| beams + left_out(query, listing).len()).collect();
    let found = search(decoder, &histories, &beams);
    let places = queries.iter().zip(&found);
    places.map(|(query, found)| placement(decoder.codewords(), found, query, left_out(query, listing))).collect()
}

/// Where the target of a query stands in the list of codewords `found`, without the items of `left_out`.
fn placement(codewords: &Codewords, found: &[Found], query: &Query, left_out: &[u32]) -> Option<Placement> {
    let target = query.target.filter(|target| !left_out.contains(target))?;
    let leaf = codewords.leaf(target);
    let listed = |leaf: u32| codewords.trie.items(leaf).iter().filter(|item| !left_out.contains(item)).count() as u32;
    let (mut ahead, mut codewords_ahead) = (0, 0);
    for found in found {
        let items = listed(found.leaf);
        if found.leaf == leaf {
            return Some(Placement { ahead, sharing: items, codewords_ahead });
        }
        ahead += items;
        codewords_ahead += u32::from(items > 0);
    }
    None
}
