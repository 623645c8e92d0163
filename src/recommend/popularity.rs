//! Popularity baselines: the most popular items, and the most popular codewords, recommended to every user.
//!
//! Both are scored by items and by codewords. Counting a codeword as a hit when any item of its bucket is the target rewards
//! collapse, and the difference shows by how much (METHOD.md, Measurement: *expected rank in buckets*).

use serde::Serialize;

use super::metrics::{Scores, bucket_gain};
use crate::audit::Grouping;
use crate::interactions::{Sequences, SequencesError};
use crate::tokens::Index;

/// The baselines on one index and its sequences.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Popularity {
    /// Users with at least five interactions; the last item of each is the target.
    pub users: usize,
    /// Users with fewer, left out.
    pub short_users: usize,
    /// Training interactions counted.
    pub interactions: usize,
    /// Training interactions and targets whose item is not in the index; such a target is a miss.
    pub unknown: usize,
    /// The baseline that recommends the most popular codewords.
    pub by_code: Scores,
    /// The baseline that recommends the most popular items.
    pub by_item: Scores,
}

/// Counts training interactions (all but each user's last two), and scores both baselines on the last item of each user.
/// Of equally popular items or codewords, the first in the index leads.
///
/// # Errors
/// No user has enough interactions.
pub fn popularity(index: &Index, sequences: &Sequences) -> Result<Popularity, SequencesError> {
    let codewords = Grouping::new((0..index.items()).map(|item| index.row(item)));
    let split = sequences.leave_one_out()?;
    let counts = split.training_counts(index.items());
    let targets: Vec<Option<u32>> = split.test_targets().collect();
    let unknown = split.training().flatten().chain(&targets).filter(|item| item.is_none()).count();

    let mut codeword_counts = vec![0; codewords.groups];
    codewords.group_of.iter().zip(&counts).for_each(|(&code, count)| codeword_counts[code as usize] += count);
    let top_items = Ranking {
        top: most_frequent(&counts),
        codeword_of: codewords.group_of.clone(),
        sizes: vec![1; index.items()],
        entry_of: (0..index.items() as u32).collect(),
    };
    let top_codewords = Ranking {
        top: most_frequent(&codeword_counts),
        codeword_of: (0..codewords.groups as u32).collect(),
        sizes: codewords.counts(),
        entry_of: codewords.group_of.clone(),
    };
    let score = |ranking: &Ranking| {
        let target = |item: u32| (ranking.entry_of[item as usize], codewords.group_of[item as usize]);
        Scores::mean(targets.iter().map(|item| item.map(target)), ranking)
    };
    Ok(Popularity {
        users: split.users(),
        short_users: split.short_users,
        interactions: counts.iter().sum(),
        unknown,
        by_code: score(&top_codewords),
        by_item: score(&top_items),
    })
}

/// The list that a baseline recommends to every user. Its entries are items, or codewords with all their items.
struct Ranking {
    /// The first ten entries.
    top: Vec<u32>,
    /// `[entries]` codeword of each possible entry.
    codeword_of: Vec<u32>,
    /// `[entries]` items of each.
    sizes: Vec<usize>,
    /// `[items]` entry that each item is, or is in.
    entry_of: Vec<u32>,
}

impl Ranking {
    /// Gain by items of a target entry.
    fn gain(&self, target: u32, m: usize) -> (f64, f64) {
        let mut ahead = 0;
        for &entry in &self.top {
            if entry == target {
                return bucket_gain(ahead, self.sizes[entry as usize], m);
            }
            ahead += self.sizes[entry as usize];
        }
        (0.0, 0.0)
    }

    /// Gain by codewords: any item of the target's codeword is a hit.
    fn codeword_gain(&self, codeword: u32, m: usize) -> (f64, f64) {
        let rank = self.top.iter().position(|&entry| self.codeword_of[entry as usize] == codeword);
        rank.map_or((0.0, 0.0), |rank| bucket_gain(rank, 1, m))
    }
}

impl Scores {
    /// Mean over targets, each an entry and its codeword; a target that is none is a miss.
    fn mean(targets: impl ExactSizeIterator<Item = Option<(u32, u32)>>, ranking: &Ranking) -> Self {
        let users = targets.len().max(1) as f64;
        let mut sum = Self::default();
        for (entry, codeword) in targets.flatten() {
            let by_item = [5, 10].map(|m| ranking.gain(entry, m));
            let by_code = [5, 10].map(|m| ranking.codeword_gain(codeword, m));
            let [item_5, item_10, code_5, code_10] =
                [by_item[0], by_item[1], by_code[0], by_code[1]].map(|(recall, ndcg)| (recall / users, ndcg / users));
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

/// Indices of the ten largest counts; of equal counts the lower index first.
fn most_frequent(counts: &[usize]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..counts.len() as u32).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(counts[i as usize]));
    order.truncate(10);
    order
}
