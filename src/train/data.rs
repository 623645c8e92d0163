//! Training vectors by domain, and batches of them.

use std::borrow::Cow;

use rand::seq::SliceRandom;

use crate::learn::seed::generator;
use crate::model::Cooccurrence;

/// One domain's vectors.
#[derive(Debug, Clone)]
pub struct Domain {
    /// Name, as stored in the model.
    pub name: String,
    /// `[items][width]`, scaled by [`crate::engine::scale_rows`]: what the model reads.
    pub rows: Vec<f32>,
    /// `[items][width]`, scaled alike: what the latents of the rows are to tell, where that is not the rows themselves.
    pub targets: Option<Vec<f32>>,
}

impl Domain {
    /// A domain whose rows are their own targets.
    pub fn new(name: impl Into<String>, rows: Vec<f32>) -> Self {
        Self { name: name.into(), rows, targets: None }
    }

    /// Items of the domain.
    pub fn items(&self, width: usize) -> usize {
        self.rows.len() / width
    }
}

/// What a run learns from. It may own its domains, and then lives as long as it is needed.
#[derive(Debug, Clone)]
pub struct Training<'a> {
    /// Scaled rows by domain.
    pub domains: Cow<'a, [Domain]>,
    /// Their width.
    pub width: usize,
    /// What is known of the items from what users did, for recipes that align latents with it.
    pub collaborative: Option<&'a Collaborative>,
    /// What the rows know besides texts.
    pub cooccurrence: Option<Cooccurrence>,
}

impl Training<'_> {
    /// `[places][width]`, what the model reads.
    pub fn rows(&self, places: &[Place]) -> Vec<f32> {
        rows(&self.domains, self.width, places)
    }

    /// `[places][width]`, what the rows are to tell; none where every domain's rows are their own targets.
    pub fn targets(&self, places: &[Place]) -> Option<Vec<f32>> {
        let any = self.domains.iter().any(|domain| domain.targets.is_some());
        let of_domain = |k: usize| self.domains[k].targets.as_ref().unwrap_or(&self.domains[k].rows).as_slice();
        any.then(|| gather(places, self.width, &of_domain))
    }
}

/// `[places][width]`, the rows of `domains` at these places.
pub fn rows(domains: &[Domain], width: usize, places: &[Place]) -> Vec<f32> {
    gather(places, width, &|k| &domains[k].rows)
}

/// Where a training item is: its domain, and its number in there.
pub type Place = (usize, usize);

/// What is known of items from what users did, for recipes that align latents with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Collaborative {
    /// Width of the vectors.
    pub width: usize,
    /// `[items][width]` of each domain, in the order of its rows; zeros where an item has no vector.
    pub rows: Vec<Vec<f32>>,
}

impl Collaborative {
    /// Vectors of each domain, scaled together so that the mean squared norm of those that are there is 1.
    pub fn new(width: usize, mut rows: Vec<Vec<f32>>) -> Self {
        let squares = || rows.iter().flatten().map(|v| f64::from(*v).powi(2));
        let known = rows.iter().flat_map(|rows| rows.chunks_exact(width)).filter(|row| row.iter().any(|v| *v != 0.0)).count();
        let scale = (known as f64 / squares().sum::<f64>().max(f64::MIN_POSITIVE)).sqrt() as f32;
        rows.iter_mut().flatten().for_each(|v| *v *= scale);
        Self { width, rows }
    }

    /// Items of domain `k` that have a vector.
    pub fn known(&self, k: usize) -> usize {
        self.rows[k].chunks_exact(self.width).filter(|row| row.iter().any(|v| *v != 0.0)).count()
    }

    /// `[places][width]`.
    pub fn at(&self, places: &[Place]) -> Vec<f32> {
        gather(places, self.width, &|k| &self.rows[k])
    }
}

/// Draws batches from groups of items: every epoch of a group is a fresh permutation of its items.
#[derive(Debug)]
pub struct Batches {
    per_group: usize,
    seed: u64,
    groups: Vec<Vec<Place>>,
    /// The permutation in use of each group and its epoch.
    orders: Vec<(u64, Vec<usize>)>,
}

impl Batches {
    /// Batches of `per_domain` items of each domain.
    pub fn new(domains: &[Domain], width: usize, per_domain: usize, seed: u64) -> Self {
        Self::of_groups(per_domain, seed, (0..domains.len()).map(|k| places(domains, width, k).collect()).collect())
    }

    /// Batches as large, of all items alike, whatever domain they are of.
    pub fn pooled(domains: &[Domain], width: usize, per_domain: usize, seed: u64) -> Self {
        let all = (0..domains.len()).flat_map(|k| places(domains, width, k)).collect();
        Self::of_groups(per_domain * domains.len(), seed, vec![all])
    }

    fn of_groups(per_group: usize, seed: u64, groups: Vec<Vec<Place>>) -> Self {
        let orders = groups.iter().map(|_| (u64::MAX, Vec::new())).collect();
        Self { per_group, seed, groups, orders }
    }

    /// The items of the batch of a step.
    pub fn places_at(&mut self, step: usize) -> Vec<Place> {
        let positions = step * self.per_group..(step + 1) * self.per_group;
        (0..self.groups.len())
            .flat_map(|group| positions.clone().map(move |at| (group, at)))
            .map(|(g, at)| self.place(g, at))
            .collect()
    }

    /// Steps after which every item of the largest group has been seen once more.
    pub fn epoch_steps(&self) -> usize {
        self.groups.iter().map(Vec::len).max().unwrap_or(1).div_ceil(self.per_group)
    }

    /// The item at an endless position of a group.
    fn place(&mut self, group: usize, position: usize) -> Place {
        let items = self.groups[group].len();
        let (epoch, offset) = ((position / items) as u64, position % items);
        if self.orders[group].0 != epoch {
            let mut order: Vec<usize> = (0..items).collect();
            order.shuffle(&mut generator(self.seed, &format!("epoch of domain {group}"), epoch));
            self.orders[group] = (epoch, order);
        }
        self.groups[group][self.orders[group].1[offset]]
    }
}

fn places(domains: &[Domain], width: usize, k: usize) -> impl Iterator<Item = Place> {
    (0..domains[k].items(width)).map(move |item| (k, item))
}

fn gather<'r>(places: &[Place], width: usize, rows: &dyn Fn(usize) -> &'r [f32]) -> Vec<f32> {
    let mut all = Vec::with_capacity(places.len() * width);
    places.iter().for_each(|&(k, item)| all.extend_from_slice(&rows(k)[item * width..(item + 1) * width]));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_sees_every_item_once_and_batches_depend_on_the_step_alone() {
        let domains: Vec<Domain> =
            (0..2).map(|k| Domain::new(k.to_string(), (0..12).map(|i| (100 * k + i) as f32).collect())).collect();
        let of = |seed| {
            let (mut batches, domains) = (Batches::new(&domains, 1, 4, seed), &domains);
            move |step| rows(domains, 1, &batches.places_at(step))
        };
        let mut at = of(5);
        let in_order: Vec<Vec<f32>> = (0..6).map(&mut at).collect();
        let mut seen: Vec<f32> = in_order[..3].iter().flat_map(|b| b[..4].to_vec()).collect();
        seen.sort_by(f32::total_cmp);
        assert_eq!(seen, domains[0].rows);
        assert_ne!(in_order[0], in_order[3]);
        let mut again = of(5);
        assert_eq!(again(4), in_order[4]);
        assert_eq!(again(1), in_order[1]);
        assert_ne!(of(6)(1), in_order[1]);
    }

    #[test]
    fn a_pool_knows_no_domains() {
        let domains =
            [("few", 0..2), ("many", 2..10)].map(|(name, numbers)| Domain::new(name, numbers.map(|i| i as f32).collect()));
        let mut batches = Batches::pooled(&domains, 1, 1, 1);
        assert_eq!(batches.epoch_steps(), 5);
        let mut seen: Vec<f32> = (0..5).flat_map(|step| rows(&domains, 1, &batches.places_at(step))).collect();
        seen.sort_by(f32::total_cmp);
        assert_eq!(seen, (0..10).map(|i| i as f32).collect::<Vec<f32>>());
    }

    #[test]
    fn collaborative_vectors_follow_the_items_and_zeros_stay_zeros() {
        let collaborative = Collaborative::new(2, vec![vec![3.0, 4.0, 0.0, 0.0], vec![0.0, 5.0]]);
        assert_eq!((collaborative.known(0), collaborative.known(1)), (1, 1));
        let rows = collaborative.at(&[(1, 0), (0, 1), (0, 0)]);
        let expected = [0.0, 1.0, 0.0, 0.0, 0.6, 0.8];
        assert!(rows.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{rows:?}");
    }
}
