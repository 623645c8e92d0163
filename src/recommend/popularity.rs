//! «Recommend what is popular», by codeword and by item, scored by item and by codeword.
//!
//! Counting a codeword as a hit when any item of its bucket is the target rewards collapse; these
//! two baselines show by how much (SPEC, section 3).

use serde::Serialize;

use std::fmt::Write;

use crate::audit::{Grouping, Table};
use crate::interactions::Sequences;
use crate::tokens::Index;

/// Interactions that a user needs to take part (SPEC, section 4).
const MIN_INTERACTIONS: usize = 5;
/// Interactions at the end that are not for training: validation and test.
const HELD_OUT: usize = 2;

/// The baselines on one index and its sequences.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Popularity {
    /// Users with at least five interactions; each one's last item is the target.
    pub users: usize,
    /// Users with fewer, left out.
    pub short_users: usize,
    /// Training interactions counted.
    pub interactions: usize,
    /// Interactions and targets whose item is not in the index; such a target is a miss.
    pub unknown: usize,
    /// The most popular codewords.
    pub by_code: Scores,
    /// The most popular items.
    pub by_item: Scores,
}

/// Means over users. Without prefix, items are scored; with `code_`, codewords are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Scores {
    pub recall_at_5: f64,
    pub recall_at_10: f64,
    pub ndcg_at_5: f64,
    pub ndcg_at_10: f64,
    pub code_recall_at_5: f64,
    pub code_recall_at_10: f64,
    pub code_ndcg_at_5: f64,
    pub code_ndcg_at_10: f64,
}

/// Gains (recall@M, NDCG@M) where the target is in a bucket of `size` items with `ahead` items
/// listed before the bucket: the mean over the orders that the bucket could be listed in.
pub fn bucket_gain(ahead: usize, size: usize, m: usize) -> (f64, f64) {
    if ahead >= m || size == 0 {
        return (0.0, 0.0);
    }
    let inside = size.min(m - ahead);
    let discounted: f64 = (ahead + 1..=ahead + inside).map(|rank| 1.0 / (rank as f64 + 1.0).log2()).sum();
    (inside as f64 / size as f64, discounted / size as f64)
}

/// Counts training interactions (all but each user's last two) and scores both baselines on the
/// last item of each user. Ties go to what comes first in the index.
pub fn popularity(index: &Index, sequences: &Sequences) -> Popularity {
    let codewords = Grouping::new((0..index.items()).map(|item| index.row(item)));
    let (long, short): (Vec<_>, Vec<_>) = sequences.users.iter().partition(|user| user.len() >= MIN_INTERACTIONS);
    let training = long.iter().flat_map(|user| &user[..user.len() - HELD_OUT]);
    let mut counts = vec![0usize; index.items()];
    training.clone().flatten().for_each(|&item| counts[item as usize] += 1);
    let targets: Vec<Option<u32>> = long.iter().map(|user| user[user.len() - 1]).collect();
    let unknown = training.chain(&targets).filter(|item| item.is_none()).count();

    let mut code_counts = vec![0; codewords.groups];
    codewords.of.iter().zip(&counts).for_each(|(&code, count)| code_counts[code as usize] += count);
    let top_items = Listed {
        ranked: most_frequent(&counts),
        code_of: codewords.of.clone(),
        sizes: vec![1; index.items()],
        of: (0..index.items() as u32).collect(),
    };
    let top_codes = Listed {
        ranked: most_frequent(&code_counts),
        code_of: (0..codewords.groups as u32).collect(),
        sizes: codewords.counts(),
        of: codewords.of.clone(),
    };
    let score = |listed: &Listed| {
        Scores::mean(targets.iter().map(|t| t.map(|item| (listed.of[item as usize], codewords.of[item as usize]))), listed)
    };
    Popularity {
        users: long.len(),
        short_users: short.len(),
        interactions: counts.iter().sum(),
        unknown,
        by_code: score(&top_codes),
        by_item: score(&top_items),
    }
}

/// What a baseline lists, to every user alike: items, or codewords with all their items.
struct Listed {
    /// The first ten.
    ranked: Vec<u32>,
    /// Codeword of each thing that can be listed.
    code_of: Vec<u32>,
    /// Items of each.
    sizes: Vec<usize>,
    /// Which of them each item is, or is in.
    of: Vec<u32>,
}

impl Listed {
    /// Item-level gain of a target.
    fn gain(&self, target: u32, m: usize) -> (f64, f64) {
        let mut ahead = 0;
        for &listed in &self.ranked {
            if listed == target {
                return bucket_gain(ahead, self.sizes[listed as usize], m);
            }
            ahead += self.sizes[listed as usize];
        }
        (0.0, 0.0)
    }

    /// Code-level gain: any item of the target's codeword is a hit.
    fn code_gain(&self, code: u32, m: usize) -> (f64, f64) {
        let place = self.ranked.iter().position(|&listed| self.code_of[listed as usize] == code);
        place.map_or((0.0, 0.0), |rank| bucket_gain(rank, 1, m))
    }
}

impl Scores {
    /// Mean over targets, each as (thing listed, codeword); none is a miss.
    fn mean(targets: impl ExactSizeIterator<Item = Option<(u32, u32)>>, listed: &Listed) -> Self {
        let users = targets.len().max(1) as f64;
        let mut sum = Self::default();
        for (target, code) in targets.flatten() {
            let gains = [listed.gain(target, 5), listed.gain(target, 10), listed.code_gain(code, 5), listed.code_gain(code, 10)];
            let [item_5, item_10, code_5, code_10] = gains.map(|(recall, ndcg)| (recall / users, ndcg / users));
            sum.recall_at_5 += item_5.0;
            sum.ndcg_at_5 += item_5.1;
            sum.recall_at_10 += item_10.0;
            sum.ndcg_at_10 += item_10.1;
            sum.code_recall_at_5 += code_5.0;
            sum.code_ndcg_at_5 += code_5.1;
            sum.code_recall_at_10 += code_10.0;
            sum.code_ndcg_at_10 += code_10.1;
        }
        sum
    }
}

/// The ten largest counts; the first of equals first.
fn most_frequent(counts: &[usize]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..counts.len() as u32).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(counts[i as usize]));
    order.truncate(10);
    order
}

/// The baselines as a table of an audit's report.
pub fn popularity_table(popularity: &Popularity) -> Table {
    let row = |name: &str, s: &Scores| {
        let values = [s.recall_at_5, s.recall_at_10, s.ndcg_at_5, s.ndcg_at_10, s.code_recall_at_10, s.code_ndcg_at_10];
        std::iter::once(name.to_string()).chain(values.iter().map(|v| format!("{v:.4}"))).collect()
    };
    let rows = vec![row("ten most popular items", &popularity.by_item), row("ten most popular codewords", &popularity.by_code)];
    let mut title = format!("Popularity baselines over {} users (R@10 and N@10 by code reward collapse)", popularity.users);
    if popularity.unknown > 0 {
        let _ = write!(title, "; {} interactions with items that the index lacks", popularity.unknown);
    }
    Table::new(title, &["recommending the", "R@5", "R@10", "N@5", "N@10", "R@10 by code", "N@10 by code"], rows)
}
