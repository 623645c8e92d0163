//! The users' sequences in pieces of bounded length.

use rand::seq::SliceRandom;

use super::learner::Shard;
use crate::learn::seed::generator;
use crate::recommend::dataset::Dataset;

/// Consecutive items of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// At most one more than the history that a recommender reads.
    pub items: Vec<u32>,
    /// Number of the first item that is learned; those before it were, in an earlier window.
    pub first_learned: usize,
}

/// Pieces of the training sequences in which every item is learned once. A later piece of a long sequence begins with half a
/// history, for its first items to have one.
pub fn windows(dataset: &Dataset, history: usize) -> Vec<Window> {
    let longest = history + 1;
    let context = history / 2;
    let mut windows = Vec::new();
    for user in dataset.users() {
        let items = &user.training;
        let mut next = 0;
        while next < items.len() {
            let start = if next == 0 { 0 } else { next - context };
            let end = (start + longest).min(items.len());
            windows.push(Window { items: items[start..end].to_vec(), first_learned: next - start });
            next = end;
        }
    }
    windows
}

/// Batches of an epoch in a random order: each of about `batch` items, in shards of about `shard` items. A last batch of less
/// than a third is left out, since its gradient would be noise.
pub fn batches(windows: &[Window], batch: usize, shard: usize, seed: u64, epoch: u64) -> Vec<Vec<Shard>> {
    let mut order: Vec<u32> = (0..windows.len() as u32).collect();
    order.shuffle(&mut generator(seed, "windows", epoch));
    let size = |window: &u32| windows[*window as usize].items.len();
    let batches = cut(&order, batch, size);
    let complete = |of: &&[u32]| 3 * of.iter().map(size).sum::<usize>() >= batch;
    let kept = if batches.len() > 1 { batches.iter().copied().filter(complete).collect() } else { batches };
    kept.into_iter().map(|batch| cut(batch, shard, size).into_iter().map(<[u32]>::to_vec).collect()).collect()
}

/// Consecutive parts that reach `least` in size, but for the last.
fn cut(order: &[u32], least: usize, size: impl Fn(&u32) -> usize) -> Vec<&[u32]> {
    let (mut parts, mut start, mut sum) = (Vec::new(), 0, 0);
    for (at, window) in order.iter().enumerate() {
        sum += size(window);
        if sum >= least || at + 1 == order.len() {
            parts.push(&order[start..=at]);
            (start, sum) = (at + 1, 0);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interactions::Sequences;

    fn dataset(lengths: &[usize]) -> Dataset {
        let mut sequences = Sequences::default();
        for (user, &length) in lengths.iter().enumerate() {
            let items: Vec<Option<u32>> = (0..length as u32).map(Some).collect();
            sequences.push(&user.to_string(), &items, &[]);
        }
        Dataset::leave_one_out(&sequences, 200).unwrap()
    }

    #[test]
    fn every_training_item_is_learned_once_and_late_windows_have_a_history() {
        let dataset = dataset(&[5, 9, 22, 23, 24, 60, 150]);
        let windows = windows(&dataset, 20);
        let mut learned = vec![0; 200];
        for window in &windows {
            assert!(window.items.len() <= 21 && (window.first_learned == 0 || window.first_learned == 10));
            window.items[window.first_learned..].iter().for_each(|&item| learned[item as usize] += 1);
        }
        assert_eq!(learned, dataset.training_counts());
    }

    #[test]
    fn batches_have_every_window_once_and_do_not_depend_on_what_came_before() {
        let dataset = dataset(&[9; 50]);
        let windows = windows(&dataset, 20);
        let batches = |epoch| batches(&windows, 70, 20, 3, epoch);
        let mut all: Vec<u32> = batches(2).concat().concat();
        assert!(batches(2).iter().all(|batch| batch.len() == 4), "four shards of three windows of seven items");
        all.sort_unstable();
        assert_eq!(all, (0..50).collect::<Vec<u32>>());
        assert_eq!(batches(2), batches(2));
        assert_ne!(batches(2), batches(3));
    }
}
