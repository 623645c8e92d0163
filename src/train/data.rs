//! Training vectors by domain, and batches that mix domains equally.

use rand::seq::SliceRandom;

use crate::learn::seed::generator;

/// One domain's vectors.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Name, as stored in the model.
    pub name: String,
    /// `[items][width]`, scaled by [`crate::engine::scale_rows`].
    pub rows: Vec<f32>,
}

impl Domain {
    /// Items of the domain.
    pub fn items(&self, width: usize) -> usize {
        self.rows.len() / width
    }
}

/// Draws batches: every epoch of a domain is a fresh permutation of its items.
#[derive(Debug)]
pub struct Batches<'a> {
    domains: &'a [Domain],
    width: usize,
    per_domain: usize,
    seed: u64,
    /// The permutation in use of each domain and its epoch.
    orders: Vec<(u64, Vec<usize>)>,
}

impl<'a> Batches<'a> {
    /// Batches of `per_domain` items of each domain.
    pub fn new(domains: &'a [Domain], width: usize, per_domain: usize, seed: u64) -> Self {
        let orders = domains.iter().map(|_| (u64::MAX, Vec::new())).collect();
        Self { domains, width, per_domain, seed, orders }
    }

    /// The batch of a step, `[domains · per_domain][width]`, grouped by domain.
    pub fn at(&mut self, step: usize) -> Vec<f32> {
        let mut batch = Vec::with_capacity(self.domains.len() * self.per_domain * self.width);
        for k in 0..self.domains.len() {
            for position in step * self.per_domain..(step + 1) * self.per_domain {
                let item = self.item(k, position);
                batch.extend_from_slice(&self.domains[k].rows[item * self.width..(item + 1) * self.width]);
            }
        }
        batch
    }

    /// The item at an endless position of domain `k`.
    fn item(&mut self, k: usize, position: usize) -> usize {
        let items = self.domains[k].items(self.width);
        let (epoch, offset) = ((position / items) as u64, position % items);
        if self.orders[k].0 != epoch {
            let mut order: Vec<usize> = (0..items).collect();
            order.shuffle(&mut generator(self.seed, &format!("epoch of domain {k}"), epoch));
            self.orders[k] = (epoch, order);
        }
        self.orders[k].1[offset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_sees_every_item_once_and_batches_depend_on_the_step_alone() {
        let domains: Vec<Domain> =
            (0..2).map(|k| Domain { name: k.to_string(), rows: (0..12).map(|i| (100 * k + i) as f32).collect() }).collect();
        let mut batches = Batches::new(&domains, 1, 4, 5);
        let in_order: Vec<Vec<f32>> = (0..6).map(|s| batches.at(s)).collect();
        let mut seen: Vec<f32> = in_order[..3].iter().flat_map(|b| b[..4].to_vec()).collect();
        seen.sort_by(f32::total_cmp);
        assert_eq!(seen, domains[0].rows);
        assert_ne!(in_order[0], in_order[3]);
        let mut again = Batches::new(&domains, 1, 4, 5);
        assert_eq!(again.at(4), in_order[4]);
        assert_eq!(again.at(1), in_order[1]);
        assert_ne!(Batches::new(&domains, 1, 4, 6).at(1), in_order[1]);
    }
}
