//! The floor: the same list for everybody, the most popular items or the most popular codewords.

use std::collections::HashMap;

use crate::recommend::dataset::{Dataset, Query};
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender, left_out};
use crate::tokens::Index;

/// Items by their training interactions, or by those of all items of their codeword.
#[derive(Debug, Clone)]
pub struct MostPopular {
    /// `[items]` number of each item's bucket in the list.
    bucket_of: Vec<u32>,
    /// `[buckets]` items of each, in the order of the list.
    buckets: Vec<Vec<u32>>,
}

impl MostPopular {
    /// Items; of equal counts the first in the list of ids leads.
    pub fn items(dataset: &Dataset) -> Self {
        Self::new(dataset, (0..dataset.items() as u32).map(|item| vec![item]).collect())
    }

    /// Codewords of `index`, whose items are those of the dataset; of equal counts, that of the first item leads.
    pub fn codewords(dataset: &Dataset, index: &Index) -> Self {
        let mut number_of: HashMap<&[u32], usize> = HashMap::new();
        let mut buckets: Vec<Vec<u32>> = Vec::new();
        for item in 0..index.items() {
            let number = *number_of.entry(index.row(item)).or_insert(buckets.len());
            if number == buckets.len() {
                buckets.push(Vec::new());
            }
            buckets[number].push(item as u32);
        }
        Self::new(dataset, buckets)
    }

    fn new(dataset: &Dataset, mut buckets: Vec<Vec<u32>>) -> Self {
        let counts = dataset.training_counts();
        let popularity = |bucket: &Vec<u32>| bucket.iter().map(|&item| u64::from(counts[item as usize])).sum::<u64>();
        // A stable sort, so that of equal ones the first stays first.
        buckets.sort_by_key(|bucket| std::cmp::Reverse(popularity(bucket)));
        let mut bucket_of = vec![0; dataset.items()];
        for (number, bucket) in buckets.iter().enumerate() {
            bucket.iter().for_each(|&item| bucket_of[item as usize] = number as u32);
        }
        Self { bucket_of, buckets }
    }

    fn place_one(&self, query: &Query, listing: Listing) -> Option<Placement> {
        let target = query.target?;
        let left_out = left_out(query, listing);
        if left_out.contains(&target) {
            return None;
        }
        let number = self.bucket_of[target as usize] as usize;
        let listed = |bucket: &[u32]| bucket.iter().filter(|item| !left_out.contains(item)).count() as u32;
        let before = &self.buckets[..number];
        let (ahead, codewords_ahead) = before
            .iter()
            .map(|bucket| listed(bucket))
            .fold((0, 0), |(items, codewords), n| (items + n, codewords + u32::from(n > 0)));
        Some(Placement { ahead, sharing: listed(&self.buckets[number]), codewords_ahead })
    }
}

impl Recommender for MostPopular {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        queries.iter().map(|query| self.place_one(query, listing)).collect()
    }
}
