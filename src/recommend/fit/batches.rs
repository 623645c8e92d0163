//! Samples in batches, in an order that the seed and the epoch decide.

use rand::seq::SliceRandom;

use super::learner::Shard;
use crate::learn::seed::generator;

/// Every number below `samples` once, in batches of `batch`, each cut into at most `shards` of about equal size.
pub fn shuffled(samples: usize, batch: usize, shards: usize, (seed, epoch): (u64, u64)) -> Vec<Vec<Shard>> {
    let mut order: Vec<u32> = (0..samples as u32).collect();
    order.shuffle(&mut generator(seed, "order of samples", epoch));
    order.chunks(batch).map(|batch_of| batch_of.chunks(batch.div_ceil(shards)).map(<[u32]>::to_vec).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_has_every_sample_once_in_an_order_of_its_own() {
        let epoch = |number| shuffled(103, 20, 8, (1, number));
        assert_eq!(epoch(0), epoch(0));
        assert_ne!(epoch(0), epoch(1));
        assert_eq!(epoch(0).len(), 6);
        assert!(epoch(0).iter().all(|batch| batch.len() <= 8 && batch.iter().all(|shard| (1..=3).contains(&shard.len()))));
        let mut all = epoch(0).concat().concat();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..103));
        assert_eq!(shuffled(0, 20, 8, (1, 0)), Vec::<Vec<Shard>>::new());
    }
}
